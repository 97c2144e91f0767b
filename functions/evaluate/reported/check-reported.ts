import type { Family } from "../../model/metric.ts";
import { MOST_VALUE } from "../../model/plausible-value.ts";
import type { HistogramCounts, ReportedMetric } from "../../model/probing/reported-metric.ts";

/**
 * Why a reported metric is rejected. `family`: unknown, or targets may not feed it. `type`: does not match the family's.
 * `labels`: not exactly the family's. `value`: not a number, infinite, or negative where that is impossible. `buckets`:
 * bounds that are not ascending, or counts that do not match them. `implausible`: more than can have happened. `out_of_order`:
 * older than what is known. `series`: more series than a target may have.
 */
const METRIC_REFUSALS = [
  "family",
  "type",
  "labels",
  "value",
  "buckets",
  "implausible",
  "out_of_order",
  "series",
] as const;
export type MetricRefusal = (typeof METRIC_REFUSALS)[number];

/** What is wrong with a single reported metric; undefined if nothing. */
export function checkReported(metric: ReportedMetric, family: Family | undefined): MetricRefusal | undefined {
  // Series without a `source` label are ours alone; targets may not report them.
  if (family?.labels[0] !== "target" || !family.labels.includes("source")) return "family";
  const { value, temporality, labels } = metric;
  const names = Object.keys(labels);
  if (names.length !== family.labels.length - 1 || !family.labels.every((n) => n === "target" || names.includes(n)))
    return "labels";
  if (!names.every((name) => typeof labels[name] === "string" && (labels[name] as string).isWellFormed()))
    return "labels";
  if (family.type === "stateset" || (family.type === "gauge") !== (temporality === "now")) return "type";
  if (typeof value === "number") {
    if (family.type === "histogram") return "type";
    if (!Number.isFinite(value) || (value < 0 && family.type !== "gauge")) return "value";
    return Math.abs(value) <= MOST_VALUE ? undefined : "implausible";
  }
  return family.type === "histogram" ? checkCounts(value) : "type";
}

function checkCounts({ bounds, counts, sum }: HistogramCounts): MetricRefusal | undefined {
  if (counts.length !== bounds.length + 1) return "buckets";
  if (!bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > (bounds[i - 1] as number))))
    return "buckets";
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return "buckets";
  if (!Number.isFinite(sum) || sum < 0) return "value";
  return sum <= MOST_VALUE ? undefined : "implausible";
}
