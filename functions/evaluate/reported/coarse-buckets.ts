import type { HistogramCounts } from "../../model/probing/reported-metric.ts";

/** A reported bucket; its upper bound is the one of ours to which its values count. */
export interface CoarseBucket {
  lower: number;
  upper: number;
}

/**
 * Reported buckets with values that our bounds would split, and that end at more than twice their beginning. All of their
 * values count as slow as the slowest, so a quantile among them says little.
 */
export function coarseBuckets(
  { bounds, counts }: Pick<HistogramCounts, "bounds" | "counts">,
  ours: readonly number[],
): CoarseBucket[] {
  const highest = ours.at(-1);
  if (highest === undefined) return [];
  return [...bounds, Number.POSITIVE_INFINITY].flatMap((end, i) => {
    const lower = Math.max(0, bounds[i - 1] ?? 0);
    const isSplit = ours.some((bound) => bound > lower && bound < end);
    if (counts[i] === 0 || !isSplit || end <= 2 * lower) return [];
    return [{ lower, upper: ours.find((bound) => bound >= end) ?? highest }];
  });
}
