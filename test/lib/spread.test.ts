import { expect, it } from "vitest";
import { spread } from "../../functions/lib/spread.ts";

it("is stable: these numbers place canaries and phases of running systems", () => {
  expect(["zako", "zako\nhealth", "", "ü"].map((text) => spread(text, 1000))).toMatchInlineSnapshot(`
    [
      221,
      316,
      923,
      209,
    ]
  `);
});

it.each([2, 3, 5, 8, 10, 60])("spreads names that differ in a digit evenly over %i buckets", (buckets) => {
  const counts = new Array<number>(buckets).fill(0);
  const names = 300 * buckets;
  for (let i = 0; i < names; i++) {
    const bucket = spread(`target-${i}\nhealth`, buckets);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  // 300 expected; five standard deviations.
  for (const count of counts) expect(Math.abs(count - 300)).toBeLessThan(5 * Math.sqrt(300));
});
