/** How the gauges of a group are aggregated. */
export const AGGREGATES = ["max", "min", "sum", "avg"] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** Aggregates a group's gauges; gauges without a value are ignored, NaN if none has one. */
export function joinGauges(values: Float64Array, offsets: readonly number[], aggregate: Aggregate): number {
  let count = 0;
  let out = Number.NaN;
  for (const offset of offsets) {
    const value = values[offset] as number;
    if (Number.isNaN(value)) continue;
    count++;
    if (count === 1) out = value;
    else if (aggregate === "max") out = Math.max(out, value);
    else if (aggregate === "min") out = Math.min(out, value);
    else out += value;
  }
  return aggregate === "avg" ? out / count : out;
}
