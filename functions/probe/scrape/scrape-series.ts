import { parseMetricNumber } from "../../lib/metric-line.ts";
import type { HistogramCounts } from "../../model/probing/reported-metric.ts";

/** Why a series or line is dropped from a scrape. */
export type DropReason =
  | "malformed"
  | "long_line"
  | "type"
  | "duplicate"
  | "labels"
  | "label_value"
  | "value"
  | "buckets"
  | "series";

/** A series as exposed, with all of its labels. */
export interface ReportedSeries {
  /** The family's labels except `target` and `source`, in its order. */
  kept: readonly string[];
  value?: number;
  /** Cumulative counts, by their bounds as written. */
  buckets?: Map<string, number>;
  sum?: number;
  count?: number;
  /** Epoch ms. */
  since?: number;
}

/** The value of several series that differ only in dropped labels, or why there is none. */
export type Joined<T> = { ok: true; value: T; left: number } | { ok: false; why: DropReason };

const isCount = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value) && value >= 0;

/** Counters are summed. `left`: series that are not counters. */
export function joinCounters(series: readonly ReportedSeries[]): Joined<number> {
  const good = series.flatMap(({ value }) => (isCount(value) ? [value] : []));
  if (good.length === 0) return { ok: false, why: "value" };
  return { ok: true, value: good.reduce((a, b) => a + b, 0), left: series.length - good.length };
}

/** Gauges cannot be summed, so only a single one is taken. */
export function joinGauges(series: readonly ReportedSeries[]): Joined<number> {
  const [only] = series;
  if (only === undefined || series.length > 1) return { ok: false, why: "labels" };
  const { value } = only;
  return value === undefined || !Number.isFinite(value) ? { ok: false, why: "value" } : { ok: true, value, left: 0 };
}

/** Histograms are summed by bucket. If their bounds differ, each count keeps its own bound. */
export function joinHistograms(series: readonly ReportedSeries[]): Joined<HistogramCounts> {
  const good = series.flatMap((one) => incrementsOf(one) ?? []);
  if (good.length === 0) return { ok: false, why: "buckets" };
  const counts = new Map<number, number>();
  for (const { increments } of good)
    for (const [bound, count] of increments) counts.set(bound, (counts.get(bound) ?? 0) + count);
  const bounds = [...counts.keys()].sort((a, b) => a - b);
  const value = {
    bounds: bounds.slice(0, -1),
    counts: bounds.map((bound) => counts.get(bound) as number),
    sum: good.reduce((all, { sum }) => all + sum, 0),
  };
  return { ok: true, value, left: series.length - good.length };
}

/** Counts per bucket, the last up to infinity; undefined if the buckets are not ascending or the last is missing. */
function incrementsOf({
  buckets,
  sum = 0,
}: ReportedSeries): { increments: [number, number][]; sum: number } | undefined {
  const reported = [...(buckets ?? [])].map(([le, count]): [number | undefined, number] => [
    parseMetricNumber(le),
    count,
  ]);
  if (!isCount(sum) || reported.some(([bound]) => bound === undefined || Number.isNaN(bound))) return undefined;
  const rising = (reported as [number, number][]).sort(([a], [b]) => a - b);
  if (rising.at(-1)?.[0] !== Number.POSITIVE_INFINITY) return undefined;
  const increments: [number, number][] = [];
  let below = 0;
  for (const [bound, count] of rising) {
    if (!Number.isSafeInteger(count) || count < below) return undefined;
    increments.push([bound, count - below]);
    below = count;
  }
  return { increments, sum };
}
