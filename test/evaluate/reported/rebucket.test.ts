import fc from "fast-check";
import { expect, test } from "vitest";
import { rebucket } from "../../../functions/evaluate/reported/rebucket.ts";

const bounds = fc
  .uniqueArray(fc.double({ min: 0.001, max: 100, noNaN: true }), { minLength: 1, maxLength: 12 })
  .map((b) => b.sort((x, y) => x - y));

test("a foreign count goes to the first of our buckets that reaches its bound", () => {
  expect(rebucket({ bounds: [0.1, 0.3, 2, 50], counts: [1, 2, 3, 4, 5] }, [0.1, 0.5, 1])).toEqual([1, 2, 0, 12]);
  expect(rebucket({ bounds: [1], counts: [7, 2] }, [1, 2])).toEqual([7, 0, 2]);
  expect(rebucket({ bounds: [], counts: [3] }, [1])).toEqual([0, 3]);
});

test("nothing is lost, and never more is below a bound than was reported", () => {
  fc.assert(
    fc.property(bounds, bounds, fc.array(fc.nat(1_000), { minLength: 13, maxLength: 13 }), (theirs, ours, some) => {
      const counts = some.slice(0, theirs.length + 1);
      const out = rebucket({ bounds: theirs, counts }, ours);
      const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);
      expect(out).toHaveLength(ours.length + 1);
      expect(sum(out)).toBe(sum(counts));
      for (const [i, bound] of ours.entries()) {
        const below = counts.filter((_, j) => (theirs[j] ?? Number.POSITIVE_INFINITY) <= bound);
        expect(sum(out.slice(0, i + 1))).toBe(sum(below));
      }
    }),
  );
});
