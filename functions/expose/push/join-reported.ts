import type { PushedMetric } from "../../model/probing/push.ts";
import type { HistogramCounts, ReportedMetric } from "../../model/probing/reported-metric.ts";
import type { PushCounts, PushRefusal } from "./push-counts.ts";

/**
 * Adds a gauge or a total to an export. Points that only attributes without a label tell apart are one series here: totals
 * are summed, since the earliest start among them; of gauges the first one stands.
 */
export function joinPushed(
  accepted: PushCounts,
  metricSource: string,
  metric: ReportedMetric,
): PushRefusal | undefined {
  const { family, labels, temporality } = metric;
  const key = JSON.stringify([metricSource, family, ...Object.values(labels)]);
  const known = accepted.joinable.get(key);
  if (known === undefined) {
    const fresh: PushedMetric = { metric, metricSource, points: 1 };
    accepted.joinable.set(key, fresh);
    accepted.add(fresh);
    return undefined;
  }
  if (temporality === "now") return "collision";
  const value = joinValues(known.metric.value, metric.value);
  if (value === undefined) return "buckets";
  const starts = [known.metric.since, metric.since].filter((start) => start !== undefined);
  known.metric = { ...known.metric, value, ...(starts.length === 0 ? {} : { since: Math.min(...starts) }) };
  known.points++;
  return undefined;
}

type Value = number | HistogramCounts;

function joinValues(a: Value, b: Value): Value | undefined {
  if (typeof a === "number" || typeof b === "number")
    return typeof a === "number" && typeof b === "number" ? a + b : undefined;
  if (a.bounds.length !== b.bounds.length || !a.bounds.every((bound, i) => bound === b.bounds[i])) return undefined;
  const counts = a.counts.map((count, i) => count + (b.counts[i] as number));
  return { bounds: a.bounds, counts, sum: a.sum + b.sum };
}
