import { addedSince, type Total } from "../../evaluate/reported/added-since.ts";
import { checkReported, type MetricRefusal } from "../../evaluate/reported/check-reported.ts";
import { rebucket } from "../../evaluate/reported/rebucket.ts";
import { fnv1a } from "../../lib/fnv1a.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { Family, Labels } from "../../model/metric.ts";
import type { ReportedMetric } from "../../model/probing/reported-metric.ts";
import type { Head } from "../../store/head.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { SeriesRoom } from "./series-room.ts";

/** One report of a source. Times in epoch ms. */
export interface Report {
  target: string;
  /** Identifies the source: processes with independent totals. For a scrape, the kind of the probe. */
  metricSource: string;
  source: string;
  metrics: readonly ReportedMetric[];
  now: number;
  /** It comes from one process, in order. */
  ordered: boolean;
  /** The report is complete: missing series do not exist. */
  complete: boolean;
  /** When its gauges expire. */
  gaugesUntil: number;
  /** When it may be forgotten. If it reports again later, increments in between are not counted. */
  forgetAt: number;
  /** Called for each rejected metric. */
  onRefused?: (metric: ReportedMetric, why: MetricRefusal) => void;
}

/** A process that nobody has heard of is counted whole where it is not older than this. */
const YOUNG_MS = HOUR_MS;

/** Matches no configuration. */
const INCOMPLETE = -1;

type Accepted = { metric: ReportedMetric; family: Family };
type Refuse = (metric: ReportedMetric, why: MetricRefusal) => void;

/**
 * Adds a report to the target's series: gauges are set, counters and histograms add their increments. Rejected metrics are
 * counted by reason. A new series of a known source counts entirely if it started after the source's last report, or if
 * that report was complete under the same config: it did not exist before. A new source counts entirely if it started
 * after the target's series and after any forgotten source, and not long ago. Otherwise its totals are only a baseline for
 * the next ones.
 */
export function foldReported(head: Head, report: Report): void {
  const { target, source, metrics, now } = report;
  const { table } = head;
  const refused = new Map<MetricRefusal, number>();
  const refuse: Refuse = (metric, why) => {
    refused.set(why, (refused.get(why) ?? 0) + 1);
    report.onRefused?.(metric, why);
  };

  const room = new SeriesRoom(table, target, source);
  const accepted = metrics.flatMap((metric): Accepted[] => {
    const family = shownFamily(head, metric.family);
    const { labels } = metric;
    const why = checkReported(metric, family) ?? (labels["source"] === source ? undefined : "labels");
    if (why === undefined && family !== undefined && room.admits(family.name, family.labels, labels))
      return [{ metric, family }];
    refuse(metric, why ?? "series");
    return [];
  });
  table.widen(
    target,
    accepted.map(({ metric }) => metric),
    now,
  );

  const gauges: ReportedMetric[] = [];
  const totals: Accepted[] = [];
  for (const { metric, family } of accepted) {
    if (metric.temporality === "total") totals.push({ metric, family });
    else if (metric.temporality === "delta") add(table, target, family, metric.labels, totalOf(metric, family), now);
    else {
      gauges.push(metric);
      table.observe(target, { ...metric, value: metric.value as number }, now);
    }
  }
  const complete = report.complete && refused.size === 0;
  if (totals.length > 0 || complete) foldTotals(head, { ...report, complete }, totals, refuse);
  if (gauges.length > 0) head.reportedTotals.believe(target, gauges, report.gaugesUntil, now);
  for (const [reason, value] of refused)
    table.observe(target, { family: "zako_watch_readings_refused_total", labels: { source, reason }, value }, now);
}

function foldTotals(head: Head, report: Report, totals: readonly Accepted[], refuse: Refuse): void {
  const { target, metricSource, now, ordered, complete, forgetAt } = report;
  const { table, reportedTotals } = head;
  const known = reportedTotals.metricSource(target, metricSource);
  const config = fnv1a(head.meta.configHash);
  const began = table.blocks.get(target)?.createdAt ?? now;
  const lastSeenAt = known?.lastSeenAt ?? Math.max(began, reportedTotals.cutoff(target), now - YOUNG_MS);
  const latestStart = totals.reduce((at, { metric }) => Math.max(at, metric.since ?? 0), known?.latestStart ?? 0);
  const completeUnder = complete ? config : INCOMPLETE;
  reportedTotals.keep(target, metricSource, { lastSeenAt: now, completeUnder, latestStart, forgetAt });
  reportedTotals.widen(
    target,
    metricSource,
    totals.map(({ metric }) => metric),
    now,
  );

  for (const { metric, family } of totals) {
    const stored = reportedTotals.total(target, metricSource, family.name, metric.labels, now);
    const was = storedTotal(stored);
    const total = totalOf(metric, family);
    const wholeIsNew = known?.completeUnder === config || (total.since !== undefined && total.since > lastSeenAt);
    const added = addedSince(was, total, { ordered, lastSeenAt, wholeIsNew });
    if (added.kind === "stale") {
      refuse(metric, "out_of_order");
      continue;
    }
    stored.set(
      [total.since ?? keptStart(was, total) ?? UNKNOWN_START, ...total.counts, total.sum].slice(0, stored.length),
    );
    if (added.kind === "added") add(table, target, family, metric.labels, added, now);
    else if (added.kind === "rebased" && was !== undefined) refuse(metric, "out_of_order");
  }
}

/** Stands for a start that is not reported. */
const UNKNOWN_START = 1;

function storedTotal([start = 0, ...numbers]: Float64Array): Total | undefined {
  if (start === 0) return undefined;
  const counts = numbers.length === 1 ? numbers : numbers.slice(0, -1);
  const sum = numbers.length === 1 ? 0 : (numbers.at(-1) as number);
  return start === UNKNOWN_START ? { counts, sum } : { counts, sum, since: start };
}

/** The known start of a total reported without one, if it has not restarted. */
const keptStart = (was: Total | undefined, now: Total): number | undefined =>
  now.counts.some((count, i) => count < (was?.counts[i] ?? 0)) ? undefined : was?.since;

function totalOf({ value, since }: ReportedMetric, family: Family): Total {
  const start = since === undefined || !(since > UNKNOWN_START) ? {} : { since };
  if (typeof value === "number") return { counts: [value], sum: 0, ...start };
  return { counts: rebucket(value, family.type === "histogram" ? family.buckets : []), sum: value.sum, ...start };
}

function add(
  table: SeriesTable,
  target: string,
  family: Family,
  labels: Labels,
  { counts, sum }: Pick<Total, "counts" | "sum">,
  now: number,
): void {
  if (family.type === "histogram") table.addCounts(target, family.name, labels, counts, sum, now);
  else table.observe(target, { family: family.name, labels, value: counts[0] as number }, now);
}

function shownFamily({ table }: Head, name: string): Family | undefined {
  const family = table.family(name);
  return family === undefined || "width" in family ? undefined : family;
}

/** Expires gauges that were not reported for too long, and forgets silent sources. */
export function endSilent(head: Head, now: number): void {
  for (const { target, family, labels } of head.reportedTotals.takeExpired(now))
    head.table.clear(target, family, labels);
  head.reportedTotals.forgetSilent(now);
}
