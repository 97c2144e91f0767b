/** What is metered, in the units of the bill: counts, GB-seconds, milliseconds of CPU, bytes. */
export const METERS = [
  "workerRequests",
  "workerCpuMs",
  "objectRequests",
  "objectGbSeconds",
  "objectRowsWritten",
  "objectRowsRead",
  "d1RowsWritten",
  "d1RowsRead",
  "kvReads",
  "kvWrites",
  "logEvents",
] as const;

export type MeterName = (typeof METERS)[number];

/** Names of the meters for people. */
export const METER_NAMES: Readonly<Record<MeterName, string>> = {
  workerRequests: "Worker requests",
  workerCpuMs: "Worker CPU, ms",
  objectRequests: "Durable Object requests",
  objectGbSeconds: "Durable Object GB-s",
  objectRowsWritten: "Durable Object rows written",
  objectRowsRead: "Durable Object rows read",
  d1RowsWritten: "D1 rows written",
  d1RowsRead: "D1 rows read",
  kvReads: "KV reads",
  kvWrites: "KV writes",
  logEvents: "log events",
};

export type PlanName = "free" | "paid";

/** Limits and prices as Cloudflare publishes them. A quota is per day on the free plan, and included per month on the paid one. */
export const PRICES = {
  asOf: "2026-11-22",
  source:
    "developers.cloudflare.com: workers/platform/limits and pricing, durable-objects/platform/pricing, d1/platform/pricing and limits, kv/platform/pricing",
  /** What a paid account pays a month whatever it uses, dollars. */
  baseDollars: 5,
  /** A Durable Object is billed at this memory while it works, GB. */
  objectGb: 0.128,
  free: {
    perDay: {
      workerRequests: 100_000,
      objectRequests: 100_000,
      objectGbSeconds: 13_000,
      objectRowsWritten: 100_000,
      objectRowsRead: 5_000_000,
      d1RowsWritten: 100_000,
      d1RowsRead: 5_000_000,
      kvReads: 100_000,
      kvWrites: 1_000,
      logEvents: 200_000,
    },
    /** Of one invocation. `calls`: to the outside world; `inner`: to Cloudflare's own services; `queries`: to D1. */
    invocation: { calls: 50, inner: 1_000, queries: 50, cpuMs: 10 },
    databaseBytes: 500e6,
  },
  paid: {
    /** Included per month, and what each started `unit` beyond costs, dollars. */
    perMonth: {
      workerRequests: { included: 10e6, unit: 1e6, dollars: 0.3 },
      workerCpuMs: { included: 30e6, unit: 1e6, dollars: 0.02 },
      objectRequests: { included: 1e6, unit: 1e6, dollars: 0.15 },
      objectGbSeconds: { included: 400e3, unit: 1e6, dollars: 12.5 },
      objectRowsWritten: { included: 50e6, unit: 1e6, dollars: 1 },
      objectRowsRead: { included: 25e9, unit: 1e6, dollars: 0.001 },
      d1RowsWritten: { included: 50e6, unit: 1e6, dollars: 1 },
      d1RowsRead: { included: 25e9, unit: 1e6, dollars: 0.001 },
      kvReads: { included: 10e6, unit: 1e6, dollars: 0.5 },
      kvWrites: { included: 1e6, unit: 1e6, dollars: 5 },
      logEvents: { included: 20e6, unit: 1e6, dollars: 0.6 },
    },
    invocation: { calls: 10_000, inner: 10_000, queries: 1_000, cpuMs: 30_000 },
    databaseBytes: 10e9,
    /** Of all databases, and what each GB beyond costs a month. */
    databaseIncludedBytes: 5e9,
    databaseDollarsPerGb: 0.75,
  },
} as const;
