import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Family, Labels } from "../../functions/model/metric.ts";
import type { ReportedMetric } from "../../functions/model/probing/reported-metric.ts";
import type { Report } from "../../functions/monitor/tick/report.ts";
import { Head } from "../../functions/store/head.ts";
import { MONITOR_META } from "../../functions/store/monitor-meta.ts";

const REFUSED = "zako_watch_readings_refused_total";
/** Families that others may feed, and one that they may not. */
export const FAMILIES: Family[] = [
  { name: "jobs_total", type: "counter", help: "Jobs.", labels: ["target", "source", "kind"] },
  { name: "depth", type: "gauge", help: "Depth.", labels: ["target", "source"] },
  { name: "took_seconds", type: "histogram", help: "Took.", labels: ["target", "source"], buckets: [0.1, 1] },
  { name: "own_total", type: "counter", help: "Own.", labels: ["target", "probe"] },
  { name: REFUSED, type: "counter", help: "Refused.", labels: ["target", "source", "reason"] },
];
/** When the target's series begin, epoch ms. */
export const T0 = 1_790_000_000_000;
/** What marks series that were told by a scrape. */
export const source = { source: "scrape" };

/** Runs on the storage of an object that holds nothing yet. */
export const inObject = <R>(run: (storage: DurableObjectStorage) => R): Promise<R> =>
  runInDurableObject(env.MONITOR.getByName("fold"), (_instance, state) => {
    for (const table of ["series", "memory", "head", "reported_totals"])
      state.storage.sql.exec(`DROP TABLE IF EXISTS ${table}`);
    return run(state.storage);
  });

/** A head with one target, `a`, that has no series yet. */
export function begin(storage: DurableObjectStorage, at = T0): Head {
  const head = new Head(storage, FAMILIES, MONITOR_META);
  head.table.reconcile([{ target: "a", initial: [], keep: () => true }], at);
  return head;
}

/** A report of the target's only source in a scrape. */
export const reported = (now: number, metrics: readonly ReportedMetric[], more: Partial<Report> = {}): Report => ({
  target: "a",
  metricSource: "scrape",
  source: "scrape",
  metrics,
  now,
  ordered: true,
  complete: true,
  gaugesUntil: now + 150_000,
  forgetAt: now + 86_400_000,
  ...more,
});

/** A total of a counter. */
export const jobs = (value: number, since?: number, kind = "x"): ReportedMetric => ({
  family: "jobs_total",
  labels: { ...source, kind },
  value,
  temporality: "total",
  ...(since === undefined ? {} : { since }),
});
/** A gauge. */
export const depth = (value: number): ReportedMetric => ({
  family: "depth",
  labels: source,
  value,
  temporality: "now",
});
/** A total of a histogram in our own bounds. */
export const took = (counts: readonly number[], sum: number): ReportedMetric => ({
  family: "took_seconds",
  labels: source,
  value: { bounds: [0.1, 1], counts, sum },
  temporality: "total",
});

/** The first number of a series of the target. */
export const read = (head: Head, family: string, labels: Labels): number | undefined =>
  head.table.read("a", family, labels);
/** What the counter has come to. */
export const count = (head: Head, kind = "x"): number | undefined => read(head, "jobs_total", { ...source, kind });
/** Readings that were refused for a reason. */
export const refusals = (head: Head, reason: string): number => read(head, REFUSED, { ...source, reason }) ?? 0;
