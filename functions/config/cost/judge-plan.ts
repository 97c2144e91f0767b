import type { Config } from "../../model/config.ts";
import { LANES_AT_ONCE } from "../../model/probing/placement.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import { formatBytes } from "./format-bytes.ts";
import type { HistorySize } from "./history-size.ts";
import type { KnownKinds } from "./planned-slots.ts";
import { METER_NAMES, type MeterName, type PlanName, PRICES } from "./prices.ts";
import type { UsageReport } from "./usage.ts";
import { type WorstInvocation, worstInvocations } from "./worst-minute.ts";

/** Something that a plan does not allow, with the setting to change. */
export interface PlanBreach {
  /** The key of the document that it is about. */
  path: "targets" | "shards" | "lanes" | "retention" | "defaults" | "notify";
  message: string;
}

/** What of a configuration breaks a plan; empty where it fits. Pure. */
export function breachesOf(
  config: Config,
  kinds: KnownKinds,
  plan: PlanName,
  { worst, usage, history }: { worst: readonly WorstInvocation[]; usage: UsageReport; history: HistorySize },
): PlanBreach[] {
  const breaches = [...callBreaches(config, kinds, plan, worst), ...sizeBreaches(plan, history)];
  if (plan === "free") breaches.push(...quotaBreaches(config, usage));
  return breaches;
}

/** Invocations that make more calls than the plan allows. Pure. */
export function callBreaches(
  config: Config,
  kinds: KnownKinds,
  plan: PlanName,
  worst: readonly WorstInvocation[],
): PlanBreach[] {
  const { calls: mostCalls, inner: mostInner } = PRICES[plan].invocation;
  const breaches: PlanBreach[] = [];
  const over = worst.filter(({ kind, calls }) => kind !== "alerter" && calls > mostCalls);
  const [most] = over.toSorted((a, b) => b.calls - a.calls);
  if (most !== undefined) {
    const remedy = remedyOf(config, kinds, plan);
    breaches.push({
      path: remedy.path,
      message: `in its worst minute one invocation (${most.of}, ${most.kind}) makes ${most.calls} calls, but the ${plan} plan allows ${mostCalls}: ${remedy.text}${plan === "free" && remedy.path !== "targets" ? ", or use the paid plan" : ""}`,
    });
  }
  const alerter = worst.find(({ kind }) => kind === "alerter");
  if (alerter !== undefined && alerter.calls > mostCalls)
    breaches.push({
      path: "notify",
      message: `one invocation of the Alerter sends up to ${alerter.calls} messages, but the ${plan} plan allows ${mostCalls} calls: use fewer receivers${plan === "free" ? ", or the paid plan" : ""}`,
    });
  for (const { of, inner } of worst)
    if (inner > mostInner)
      breaches.push({
        path: "shards",
        message: `one invocation of the ${of} calls Cloudflare's services ${inner} times, but the ${plan} plan allows ${mostInner}: use fewer \`shards\` or \`lanes\``,
      });
  return breaches;
}

/** More shards would write more rows than the free plan allows. */
const MOST_SHARDS = { free: 6, paid: 64 } as const;

/** The one setting with which every invocation makes few enough calls. */
function remedyOf(config: Config, kinds: KnownKinds, plan: PlanName): { path: PlanBreach["path"]; text: string } {
  const mostCalls = PRICES[plan].invocation.calls;
  const fits = (changed: Partial<Config>): boolean =>
    worstInvocations({ ...config, ...changed }, kinds).every(
      ({ kind, calls }) => kind === "alerter" || calls <= mostCalls,
    );
  const isLocal = config.vantages[0] === LOCAL_VANTAGE;
  const mostLanes = isLocal ? 0 : Math.floor(LANES_AT_ONCE / config.vantages.length);
  const lanes = numbers(config.lanes + 1, mostLanes).find((count) => fits({ lanes: count }));
  if (lanes !== undefined) return { path: "lanes", text: `set \`lanes: ${lanes}\`` };
  const shards = numbers(config.shards + 1, Math.min(MOST_SHARDS[plan], config.targets.length)).find((count) =>
    fits({ shards: count }),
  );
  if (shards !== undefined) return { path: "shards", text: `set \`shards: ${shards}\`` };
  return {
    path: "targets",
    text:
      plan === "free"
        ? "use the paid plan, fewer targets or longer intervals"
        : "set longer intervals, or watch fewer targets",
  };
}

/** More history than a database holds. Pure. */
export function sizeBreaches(plan: PlanName, { bytes, limitBytes, fits }: HistorySize): PlanBreach[] {
  if (bytes <= limitBytes) return [];
  const remedy =
    fits === undefined
      ? "watch fewer targets in one installation"
      : `set \`retention: { samples_days: ${fits.samplesDays}, rollups_days: ${fits.rollupsDays} }\``;
  return [
    {
      path: "retention",
      message: `history grows to about ${formatBytes(bytes)}, but a D1 database holds ${formatBytes(limitBytes)} on the ${plan} plan: ${remedy}`,
    },
  ];
}

/** What uses up a quota of the free plan's day, on a healthy day or with one hour of total outage in it. */
function quotaBreaches({ targets }: Config, { day, outageHour }: UsageReport): PlanBreach[] {
  return Object.entries(PRICES.free.perDay).flatMap(([name, limit]): PlanBreach[] => {
    const meter = name as MeterName;
    const used = day[meter] * (23 / 24) + Math.max(outageHour[meter], day[meter] / 24);
    if (used <= limit) return [];
    const most = Math.max(1, Math.floor((targets.length * limit) / used));
    return [
      {
        path: "targets",
        message: `a day with an hour of total outage takes ${Math.round(used).toLocaleString("en-US")} ${METER_NAMES[meter]}, but the free plan allows ${limit.toLocaleString("en-US")} a day: watch about ${most} ${most === 1 ? "target" : "targets"}, set longer intervals, or use the paid plan`,
      },
    ];
  });
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
