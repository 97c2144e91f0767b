import fc from "fast-check";
import { expect, it } from "vitest";
import { quantileOf } from "../../../functions/evaluate/rules/quantile.ts";

/**
 * Prometheus' `bucketQuantile` on cumulative buckets with `le`, as its documentation of `histogram_quantile` tells it:
 * linear inside a bucket, the lowest from 0 (or its own bound, where that is not above 0), `+Inf` gives the second highest
 * bound, NaN without observations.
 */
function histogramQuantile(q: number, bounds: readonly number[], counts: readonly number[]): number {
  let sum = 0;
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((le, i) => {
    sum += counts[i] as number;
    return { le, count: sum };
  });
  const all = buckets.at(-1)?.count as number;
  if (buckets.length < 2 || all === 0) return Number.NaN;
  let rank = q * all;
  const b = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  if (b === -1) return buckets.at(-2)?.le as number;
  const { le: end, count } = buckets[b] as { le: number; count: number };
  if (b === 0 && end <= 0) return end;
  const below = b === 0 ? { le: 0, count: 0 } : (buckets[b - 1] as { le: number; count: number });
  rank -= below.count;
  return below.le + (end - below.le) * (rank / (count - below.count));
}

const bounds = fc
  .uniqueArray(fc.integer({ min: -50, max: 1_000 }), { minLength: 1, maxLength: 8 })
  .map((all) => all.toSorted((a, b) => a - b));
const histogram = bounds.chain((all) =>
  fc.tuple(
    fc.constant(all),
    fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 50 })), { minLength: all.length + 1, maxLength: all.length + 1 }),
  ),
);
const quantile = fc.oneof(fc.constantFrom(0, 0.5, 0.95, 0.99, 1), fc.double({ min: 0, max: 1, noNaN: true }));

it("is what Prometheus' histogram_quantile makes of the same buckets", () => {
  fc.assert(
    fc.property(histogram, quantile, ([all, counts], q) => {
      expect(quantileOf(q, all, counts)).toBe(histogramQuantile(q, all, counts));
    }),
    { numRuns: 3_000 },
  );
});

it("lies within the bounds, and does not fall where the quantile rises", () => {
  fc.assert(
    fc.property(histogram, quantile, quantile, ([all, counts], a, b) => {
      fc.pre(counts.some((n) => n > 0));
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((q) => quantileOf(q, all, counts)) as [number, number];
      for (const value of [low, high]) {
        if (Number.isNaN(value)) continue;
        expect(value).toBeLessThanOrEqual(all.at(-1) as number);
        expect(value).toBeGreaterThanOrEqual(Math.min(0, all[0] as number));
      }
      if (!Number.isNaN(low)) expect(high).toBeGreaterThanOrEqual(low);
    }),
  );
});

it.each<[string, number, number[], number[], number]>([
  ["nothing observed", 0.95, [1, 2], [0, 0, 0], Number.NaN],
  ["no bound but +Inf", 0.95, [], [7], Number.NaN],
  ["all above the highest bound", 0.5, [1, 2], [0, 0, 9], 2],
  ["the lowest bucket begins at 0", 0.5, [10, 20], [4, 0, 0], 5],
  ["a lowest bound that is not above 0 stands for itself", 0.5, [-5, 5], [4, 0, 0], -5],
  ["the rank ends a bucket", 0.5, [1, 2], [2, 2, 0], 1],
  ["one in twenty is beyond", 0.95, [1, 2], [19, 1, 0], 1],
  ["two in twenty are beyond", 0.95, [1, 2], [18, 2, 0], 1.5],
  ["the greatest", 1, [1, 2], [18, 2, 0], 2],
  ["empty buckets between", 0.99, [1, 2, 4, 8], [10, 0, 0, 10, 0], 7.92],
])("%s", (_name, q, all, counts, expected) => {
  expect(quantileOf(q, all, counts)).toBe(expected);
});
