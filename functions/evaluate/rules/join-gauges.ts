/** How the gauges of one group become one number. */
export const AGGREGATES = ["max", "min", "sum", "avg"] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** A group's gauges as one number; those without a value are left out, NaN if none has one. */
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
