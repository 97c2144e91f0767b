import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coarseBuckets } from "../../../functions/evaluate/reported/coarse-buckets.ts";
import { rebucket } from "../../../functions/evaluate/reported/rebucket.ts";
import { quantileOf } from "../../../functions/evaluate/rules/quantile.ts";

const OURS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

describe("coarse buckets", () => {
  it.each([
    ["our own", OURS, []],
    [
      "the SDKs' default, which is meant for milliseconds",
      [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000],
      [{ lower: 0, upper: 5 }],
    ],
    [
      "the semantic conventions' for seconds",
      [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
      [],
    ],
    [
      "decades",
      [0.1, 1, 10],
      [
        { lower: 0, upper: 0.1 },
        { lower: 0.1, upper: 1 },
        { lower: 1, upper: 10 },
      ],
    ],
    ["no bounds at all", [], [{ lower: 0, upper: 10 }]],
    ["bounds that end early", [0.005, 0.01, 0.025, 0.05, 0.1], [{ lower: 0.1, upper: 10 }]],
    ["finer than ours", [0.005, 0.0075, 0.01, 0.02, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20], []],
    [
      "a bound that is none of ours",
      [0.5, 1.2, 2.5, 5, 10],
      [
        { lower: 0, upper: 0.5 },
        { lower: 0.5, upper: 2.5 },
      ],
    ],
  ])("of %s", (_what, bounds, expected) => {
    const counts = [...bounds, 0].map(() => 1);
    expect(coarseBuckets({ bounds, counts }, OURS)).toEqual(expected);
    expect(coarseBuckets({ bounds, counts: counts.map(() => 0) }, OURS)).toEqual([]);
  });

  it("are all that make a quantile look more than twice as high as it may be", () => {
    const bound = fc.integer({ min: 1, max: 20_000 }).map((n) => n / 1_000);
    fc.assert(
      fc.property(
        fc.uniqueArray(bound, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 10_000 }),
        (some, n) => {
          const bounds = some.sort((a, b) => a - b);
          const value = n / 1_000;
          const at = bounds.filter((b) => b < value).length;
          const counts = [...bounds, 0].map((_, i) => (i === at ? 1 : 0));
          const seen = quantileOf(0.95, OURS, rebucket({ bounds, counts }, OURS));
          const inDoubt = coarseBuckets({ bounds, counts }, OURS).some(
            ({ lower, upper }) => lower < value && seen <= upper,
          );
          const ours = OURS.find((b) => b >= value) ?? 10;
          const steps = OURS.indexOf(OURS.find((b) => b >= seen) ?? 10) - OURS.indexOf(ours);
          // Not in doubt: within the reported bucket, which is at most twice as wide, and the one of ours that holds its end.
          if (!inDoubt) expect(steps).toBeLessThanOrEqual(2);
        },
      ),
    );
  });
});
