import { formatBytes } from "../../config/cost/format-bytes.ts";
import type { PlatformCost } from "../../config/cost/platform-cost.ts";
import { METER_NAMES, METERS, PRICES } from "../../config/cost/prices.ts";
import type { WorstInvocation } from "../../config/cost/worst-minute.ts";
import { formatDuration } from "../../lib/duration.ts";
import type { Config } from "../../model/config.ts";
import { table } from "../table.ts";

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const share = (value: number, limit: number): string =>
  `${((100 * value) / limit).toFixed(value < limit / 10 ? 1 : 0)} %`;
const dollars = (value: number): string => `$${value.toFixed(2)}`;

const WORDS: Readonly<Record<WorstInvocation["kind"], string>> = {
  cron: "cron",
  tick: "a slot's runs",
  confirmations: "confirmations",
  rechecks: "rechecks",
  alerter: "messages",
};

/** The cost of a configuration as text for its owner. */
export function formatCost(config: Config, cost: PlatformCost): string {
  const { plan, breaches, assumed, usage } = cost;
  const count = config.targets.length;
  const each = config.targets[0]?.probes.length ?? 0;
  const head = [
    `${count} ${count === 1 ? "target" : "targets"} (${each} probes each) from ${config.vantages.join(", ")}: ${whole(usage.callsPerMinute)} calls a minute in ${config.shards} ${config.shards === 1 ? "shard" : "shards"}`,
    `assumed: ${formatDuration(assumed.roundTripMs)} for a call and its answer, /metrics read ${assumed.scrapesPerMinute} times a minute; limits and prices as of ${PRICES.asOf}`,
  ];
  const verdict =
    breaches.length === 0
      ? [`This fits the ${plan} plan.`]
      : [`This does not fit the ${plan} plan:`, ...breaches.map(({ message }) => `  ${message}`)];
  return [
    ...head,
    "",
    invocationTable(cost),
    "",
    plan === "free" ? quotaTable(cost) : billTable(cost),
    "",
    historyLine(config, cost),
    ...verdict,
  ].join("\n");
}

/** What invocations make in the worst minute of a week. */
function invocationTable({ plan, worst }: PlatformCost): string {
  const limit = PRICES[plan].invocation;
  return table([
    [
      "worst minute of a week",
      "invocation of",
      "calls",
      `of ${whole(limit.calls)}`,
      "to Cloudflare",
      `of ${whole(limit.inner)}`,
    ],
    ...worst.map(({ kind, of, calls, inner }) => [
      WORDS[kind],
      of,
      whole(calls),
      share(calls, limit.calls),
      whole(inner),
      share(inner, limit.inner),
    ]),
  ]);
}

/** What is used of the free plan's quotas. */
function quotaTable({ usage: { day, outageHour } }: PlatformCost): string {
  const limits: Partial<Record<string, number>> = PRICES.free.perDay;
  return table([
    ["a day", "healthy", "of the quota", "hour of total outage", "of the day's quota"],
    ...METERS.map((name) => {
      const limit = limits[name];
      const of = (value: number): string => (limit === undefined ? "-" : share(value, limit));
      return [METER_NAMES[name], whole(day[name]), of(day[name]), whole(outageHour[name]), of(outageHour[name])];
    }),
  ]);
}

/** What a month costs on the paid plan. */
function billTable({ usage: { day, outageHour }, bill }: PlatformCost): string {
  const parts = bill?.parts ?? {};
  const rows = METERS.map((name) => [
    METER_NAMES[name],
    whole(day[name] * 30),
    whole(PRICES.paid.perMonth[name].included),
    dollars(parts[name] ?? 0),
    whole(outageHour[name]),
  ]);
  return [
    table([["a month", "healthy", "included", "costs", "hour of total outage"], ...rows]),
    `D1 storage: ${dollars(parts.d1Storage ?? 0)}`,
    `total: ${dollars(bill?.total ?? 0)} a month with the plan's own ${dollars(PRICES.baseDollars)}; an hour of total outage adds ${dollars(bill?.outageHour ?? 0)}`,
  ].join("\n");
}

function historyLine({ retention }: Config, { history: { bytes, limitBytes } }: PlatformCost): string {
  const { samplesDays, rollupsDays } = retention;
  return `history: about ${formatBytes(bytes)} of ${formatBytes(limitBytes)} in D1 (${share(bytes, limitBytes)}), samples kept ${samplesDays} days, rollups ${rollupsDays}`;
}
