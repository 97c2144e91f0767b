/** Quantiles of some durations, ms; NaN where there is none. */
export interface Delays {
  count: number;
  firstMs: number;
  p50Ms: number;
  p99Ms: number;
  worstMs: number;
}

export function delaysOf(values: readonly number[]): Delays {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.max(0, Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN);
  return { count: sorted.length, firstMs: at(0), p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1) };
}
