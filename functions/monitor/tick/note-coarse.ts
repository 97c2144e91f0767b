import { coarseBuckets } from "../../evaluate/reported/coarse-buckets.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import { COARSE_FAMILIES as F } from "../../model/families/coarse-families.ts";
import type { Head } from "../../store/head.ts";
import type { Accepted, Report } from "./report.ts";

/** Longer than the windows of all shipped rules: their counts stay in doubt that long. */
const REMEMBERED_MS = DAY_MS;

/** Notes which buckets of reported histograms are coarser than ours. */
export function noteCoarse(
  { table, reportedTotals }: Head,
  { target, source, now }: Report,
  accepted: readonly Accepted[],
): void {
  const found = new Map<string, { labels: Record<string, string>; lower: number; upper: number }>();
  for (const { metric, family } of accepted) {
    if (family.type !== "histogram" || typeof metric.value === "number" || metric.value.isExact === true) continue;
    for (const { lower, upper } of coarseBuckets(metric.value, family.buckets)) {
      const labels = { source, family: family.name, bucket: String(upper) };
      const key = `${family.name}\n${upper}`;
      const known = found.get(key);
      found.set(key, { labels, upper, lower: Math.min(lower, known?.lower ?? lower) });
    }
  }
  if (found.size === 0 || table.family(F.lower.name) === undefined) return;
  const gauges = [...found.values()].flatMap(({ labels, lower, upper }) => [
    { family: F.lower.name, labels, value: lower },
    { family: F.upper.name, labels, value: upper },
  ]);
  table.widen(target, gauges, now);
  reportedTotals.marks.widenGauges(target, gauges, now);
  for (const gauge of gauges) {
    table.observe(target, gauge, now);
    reportedTotals.marks.gauge(target, gauge.family, gauge.labels, now).set([now + REMEMBERED_MS, 0, 0]);
  }
}
