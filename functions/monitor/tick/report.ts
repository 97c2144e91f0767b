import type { MetricRefusal } from "../../evaluate/reported/check-reported.ts";
import type { Family } from "../../model/metric.ts";
import type { ReportedMetric } from "../../model/probing/reported-metric.ts";

/** A reported metric that may be counted, with its family. */
export type Accepted = { metric: ReportedMetric; family: Family };
/** Takes a metric that is rejected, and why. */
export type Refuse = (metric: ReportedMetric, why: MetricRefusal) => void;

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
  onRefused?: Refuse;
  /** Called for each total that came before, with the same times and the same value. */
  onRepeated?: () => void;
}
