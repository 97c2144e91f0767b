import type { Family, Labels } from "../metric.ts";

/** What a histogram of others has counted: per bucket, not cumulative; `counts` has one more entry than `bounds`. */
export interface HistogramCounts {
  /** Upper bounds, ascending, without `+Inf`. */
  bounds: readonly number[];
  counts: readonly number[];
  sum: number;
}

/**
 * A number that a target tells of itself, by a scrape, a push or its diagnostics, in one of our families. Counters and histograms come
 * as totals since the teller began, or as what has been added since it last told.
 */
export interface ReportedMetric {
  family: string;
  /** All of the family's labels but `target`; `source` among them. */
  labels: Labels;
  value: number | HistogramCounts;
  /** Gauges are `now`. */
  temporality: "now" | "total" | "delta";
  /** When a total began at 0, epoch ms, where the teller says so. */
  since?: number;
}

/** A family of others that `watch.yaml` allows in, beside our own. Its series carry `target` and `source` first. */
export interface ImportedFamily {
  /** As it is exposed; its labels begin with `target` and `source`. */
  family: Family;
  /** Its name as it is scraped, or as the Prometheus form of the OTLP metric's name. */
  from: string;
}
