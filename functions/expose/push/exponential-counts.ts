import type { ExponentialHistogramDataPoint } from "../../../proto/gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { HistogramCounts } from "../../model/probing/reported-metric.ts";

/** Scales that SDKs use, and more than doubles can tell apart. */
const LEAST_SCALE = -11;
const MOST_SCALE = 24;

/**
 * An exponential histogram as counts below rising bounds. Values at or below 0 are in the first bucket, which ends at the
 * zero threshold. A bucket whose end no double can hold is the one without an upper bound.
 */
export function exponentialCounts({
  scale,
  zeroCount,
  zeroThreshold,
  positive,
  negative,
  count,
  sum,
}: ExponentialHistogramDataPoint): HistogramCounts | "buckets" | "value" {
  const isScale = scale >= LEAST_SCALE && scale <= MOST_SCALE;
  if (!isScale || !(zeroThreshold >= 0 && Number.isFinite(zeroThreshold))) return "buckets";
  const low = (negative?.bucketCounts ?? []).reduce((all, n) => all + n, zeroCount);
  const bounds: number[] = [zeroThreshold];
  const counts: number[] = [Number(low)];
  let above = 0;
  const add = (bound: number, n: number): void => {
    const last = bounds.length - 1;
    // Bounds below what a double can tell apart, or within the zero bucket, are one.
    if (bound <= (bounds[last] as number)) counts[last] = (counts[last] as number) + n;
    else {
      bounds.push(bound);
      counts.push(n);
    }
  };
  const { offset = 0, bucketCounts = [] } = positive ?? {};
  for (const [i, n] of bucketCounts.entries()) {
    if (n === 0n) continue;
    const start = boundOf(offset + i, scale);
    const end = boundOf(offset + i + 1, scale);
    if (start === Number.POSITIVE_INFINITY) return "buckets";
    add(start, 0);
    if (end === Number.POSITIVE_INFINITY) above += Number(n);
    else add(end, Number(n));
  }
  counts.push(above);
  if (!counts.every(Number.isSafeInteger) || counts.reduce((all, n) => all + n, 0) !== Number(count)) return "buckets";
  return sum !== undefined && Number.isFinite(sum) ? { bounds, counts, sum } : "value";
}

/** Where bucket `index` begins: base to the power of it, base being 2 to the power of 2 ** -scale. */
const boundOf = (index: number, scale: number): number => 2 ** (index * 2 ** -scale);
