import { compileConfig } from "../../functions/config/compile.ts";
import { formatBytes } from "../../functions/config/cost/format-bytes.ts";
import { type PlatformCost, platformCost } from "../../functions/config/cost/platform-cost.ts";
import { METER_NAMES, METERS, PRICES } from "../../functions/config/cost/prices.ts";
import type { Config } from "../../functions/model/config.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";

/** A fleet that the documents and the counted tests are about. */
export interface Fleet {
  name: string;
  plan: "free" | "paid";
  targets: number;
  /** Left out: those that are on by default. */
  probes?: readonly string[];
  vantages?: readonly string[];
  shards?: number;
  /** Days that rollups are kept, where the default does not fit. */
  rollupsDays?: number;
}

const FIVE = ["health", "cas.details", "cas.negotiate", "transport.download", "transport.upload"];
const THREE = ["weur", "enam", "apac"];

export const FLEETS: readonly Fleet[] = [
  { name: "5 targets, all default probes, 1 vantage", plan: "free", targets: 5 },
  { name: "20 targets, 5 probes, 3 vantages", plan: "paid", targets: 20, probes: FIVE, vantages: THREE },
  {
    name: "1,000 targets, 5 probes, 3 vantages",
    plan: "paid",
    targets: 1_000,
    probes: FIVE,
    vantages: THREE,
    shards: 9,
  },
  {
    name: "10,000 targets, 5 probes, 3 vantages",
    plan: "paid",
    targets: 10_000,
    probes: FIVE,
    vantages: THREE,
    shards: 90,
  },
];

/** A fleet's configuration: one target as the compiler makes it, under many names. */
export function configOfFleet({ targets, probes, vantages, shards, rollupsDays }: Fleet): Config {
  const sections =
    probes === undefined ? {} : Object.fromEntries(PROBE_KINDS.map(({ kind }) => [kind, probes.includes(kind)]));
  const document = {
    installation: "fleet",
    ...(vantages === undefined ? {} : { vantages }),
    defaults: { probes: sections },
    targets: [{ name: "zako", cas: "https://zako.example" }],
  };
  const compiled = compileConfig(document, PROBE_KINDS, { local: false });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  const { config } = compiled;
  const all = Array.from({ length: targets }, (_, i) =>
    config.targets.map((target) => ({
      ...target,
      name: `zako-${i}`,
      casUrl: `https://zako-${i}.example`,
      transportUrl: `https://zako-${i}.example`,
    })),
  ).flat();
  const retention = rollupsDays === undefined ? config.retention : { ...config.retention, rollupsDays };
  return { ...config, targets: all, shards: shards ?? 1, retention };
}

const COSTS = FLEETS.map((fleet) => ({
  fleet,
  cost: lazily(() => platformCost(configOfFleet(fleet), PROBE_KINDS, fleet.plan)),
}));

/** Head and rows of a table. */
export interface Table {
  head: string[];
  rows: string[][];
}

/** What the free plan carries: its quotas on a healthy day, and in an hour of total outage. */
export function freePlanTable(): Table {
  const { usage, worst } = costOf(0);
  const limits: Partial<Record<string, number>> = PRICES.free.perDay;
  const { calls } = PRICES.free.invocation;
  const most = Math.max(...worst.map((one) => one.calls));
  return {
    head: ["quota of the free plan", "limit", "healthy day", "", "hour of total outage"],
    rows: [
      ["calls of one invocation, worst minute of a week", whole(calls), whole(most), share(most, calls), ""],
      ...METERS.flatMap((name) => {
        const limit = limits[name];
        if (limit === undefined) return [];
        const [day, hour] = [usage.day[name], usage.outageHour[name]];
        return [[`${METER_NAMES[name]}, a day`, whole(limit), whole(day), share(day, limit), whole(hour)]];
      }),
    ],
  };
}

/** What fleets take, and cost on the paid plan. */
export function fleetTable(): Table {
  return {
    head: [
      "fleet",
      "shards",
      "calls/min",
      "Durable Object GB-s a month",
      "rows a month: objects, D1",
      "history in D1",
      "a month",
      "hour of total outage",
    ],
    rows: FLEETS.map((fleet, i) => {
      const { usage, history, bill, plan } = costOf(i);
      const fits =
        history.fits === undefined
          ? ""
          : `; fits with \`rollups_days: ${history.fits.rollupsDays}\`${history.fits.samplesDays === 30 ? "" : ` and \`samples_days: ${history.fits.samplesDays}\``}`;
      return [
        fleet.name,
        String(fleet.shards ?? 1),
        whole(usage.callsPerMinute),
        whole(usage.day.objectGbSeconds * 30),
        `${millions(usage.day.objectRowsWritten * 30)}, ${millions(usage.day.d1RowsWritten * 30)}`,
        `${formatBytes(history.bytes)}${fits}`,
        plan === "free" ? "free" : `$${(bill?.total ?? 0).toFixed(0)}`,
        plan === "free" ? "free" : `$${(bill?.outageHour ?? 0).toFixed(2)}`,
      ];
    }),
  };
}

const costOf = (i: number): PlatformCost => (COSTS[i] as (typeof COSTS)[number]).cost();
const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const millions = (value: number): string => `${(value / 1e6).toFixed(1)} M`;
const share = (value: number, limit: number): string =>
  `${((100 * value) / limit).toFixed(value < limit / 10 ? 1 : 0)} %`;

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
