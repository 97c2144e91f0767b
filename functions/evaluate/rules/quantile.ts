/**
 * A quantile (0 to 1) of observations in buckets, computed as Prometheus' `histogram_quantile` does: linear inside a
 * bucket, the first bucket starts at 0, and values above the highest bound count as that bound. `counts` has one more entry than
 * `bounds`, for the observations above the last, and is not cumulative. NaN without observations.
 */
export function quantileOf(quantile: number, bounds: readonly number[], counts: readonly number[]): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (!(total > 0) || bounds.length === 0) return Number.NaN;
  const rank = quantile * total;
  let below = 0;
  for (const [i, bound] of bounds.entries()) {
    const inside = counts[i] ?? 0;
    if (below + inside >= rank) {
      if (i === 0 && bound <= 0) return bound;
      const start = i === 0 ? 0 : (bounds[i - 1] as number);
      return start + (bound - start) * ((rank - below) / inside);
    }
    below += inside;
  }
  return bounds.at(-1) as number;
}
