import type { Family, Labels } from "../metric.ts";

/** Counts of a reported histogram: per bucket, not cumulative. `counts` has one more entry than `bounds`. */
export interface HistogramCounts {
  /** Upper bounds, ascending, without `+Inf`. */
  bounds: readonly number[];
  counts: readonly number[];
  sum: number;
  /** The bounds are values that were measured, not buckets. */
  isExact?: true;
}

/**
 * A number that a target reports about itself, by a scrape, a push or its diagnostics, for one of our families. Counters
 * and histograms are totals since the source started, or deltas since its last report.
 */
export interface ReportedMetric {
  family: string;
  /** All labels of the family except `target`, including `source`. */
  labels: Labels;
  value: number | HistogramCounts;
  /** Gauges are `now`. */
  temporality: "now" | "total" | "delta";
  /** When a total started at 0, epoch ms, if the source reports it. */
  since?: number;
  /** When it was measured, epoch ms, if the source reports it. */
  at?: number;
  /**
   * The total began somewhere before `since` with a value that nobody knows: what it holds is not new (OTLP: a point
   * whose start is its time).
   */
  unknownStart?: true;
  /** Separates totals of one source that feed the same series. Each is compared with its own last value. */
  stream?: string;
  /** The gauge has no value any more; `value` means nothing. */
  ended?: true;
}

/** A foreign family that `watch.yaml` imports. Its first labels are `target` and `source`. */
export interface ImportedFamily {
  /** As exposed; its first labels are `target` and `source`. */
  family: Family;
  /** Its scraped name, or the Prometheus form of the OTLP metric's name. */
  from: string;
}
