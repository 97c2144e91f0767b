import type { HistogramCounts } from "../../model/probing/reported-metric.ts";

/**
 * Converts reported counts to the buckets of our family (`ours`: upper bounds, ascending, without `+Inf`). Counts up to a
 * reported bound go to our first bucket that reaches as far, so that nothing looks faster than it was.
 */
export function rebucket(
  { bounds, counts }: Pick<HistogramCounts, "bounds" | "counts">,
  ours: readonly number[],
): number[] {
  const out = new Array<number>(ours.length + 1).fill(0);
  let at = 0;
  counts.forEach((count, i) => {
    const bound = bounds[i] ?? Number.POSITIVE_INFINITY;
    while (at < ours.length && (ours[at] as number) < bound) at++;
    out[at] = (out[at] as number) + count;
  });
  return out;
}
