import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Baseline, deviationOf, learn } from "../../../functions/evaluate/rules/baseline.ts";
import { judgeNumbers } from "./kinds/judge-numbers.ts";

const NO_BASELINE: Baseline = { mean: 0, variance: 0, samples: 0 };

const MINUTE = 60_000;
const RULE = { baselineMs: 60 * MINUTE, deviations: 4, minSamples: 20 };

const learnAll = (values: readonly number[], of = RULE, from: Baseline = NO_BASELINE): Baseline =>
  values.reduce((baseline, value) => learn(baseline, value, MINUTE, of), from);
const steady = (value: number, count: number): number[] => new Array<number>(count).fill(value);
const isOdd = (value: number, baseline: Baseline): boolean =>
  judgeNumbers(
    { kind: "anomaly", metric: { family: "gauge" }, ...RULE },
    { now: { gauge: value }, baseline: { ...baseline, samples: RULE.minSamples } },
  ).seen === "holds";
const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 40 });

/** Mean and variance straight from their definitions, every value with the weight that it has kept. */
function naive(all: readonly number[], baselineMs: number): { mean: number; variance: number } {
  let weights = [1];
  for (let n = 1; n < all.length; n++) {
    const fresh = Math.max(1 - Math.exp(-MINUTE / baselineMs), 1 / (n + 1));
    weights = [...weights.map((w) => w * (1 - fresh)), fresh];
  }
  const mean = all.reduce((sum, value, i) => sum + value * (weights[i] as number), 0);
  const variance = all.reduce((sum, value, i) => sum + (value - mean) ** 2 * (weights[i] as number), 0);
  return { mean, variance };
}

describe("a baseline", () => {
  it("is the weighted mean and variance of all values while it warms up", () => {
    fc.assert(
      fc.property(values, fc.constantFrom(1, 5, 60, 1_440), (all, minutes) => {
        const of = { baselineMs: minutes * MINUTE, deviations: 4, minSamples: 1_000 };
        const { mean, variance, samples } = learnAll(all, of);
        const expected = naive(all, of.baselineMs);
        expect(mean).toBeCloseTo(expected.mean, 6);
        expect(variance / (1 + expected.variance)).toBeCloseTo(expected.variance / (1 + expected.variance), 6);
        expect(samples).toBe(all.length);
      }),
    );
  });

  it("weighs a value by the time since the last, so that a gap is no more than its minutes", () => {
    const before = { mean: 10, variance: 4, samples: 10_000 };
    const once = learn(before, 12, 3 * MINUTE, RULE);
    expect(once.mean).toBeCloseTo(10 + 2 * (1 - Math.exp(-3 / 60)), 12);
    expect(learn(before, 12, 0, RULE).mean).toBeCloseTo(10, 3);
  });

  it("stays within all that it has seen", () => {
    fc.assert(
      fc.property(values, fc.nat({ max: 100 }), (all, minutes) => {
        let baseline = NO_BASELINE;
        for (const value of all) baseline = learn(baseline, value, minutes * MINUTE, RULE);
        expect(baseline.mean).toBeGreaterThanOrEqual(Math.min(...all) - 1e-9);
        expect(baseline.mean).toBeLessThanOrEqual(Math.max(...all) + 1e-9);
        expect(baseline.variance).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("is moved by an outlier as by one that lies just at its reach", () => {
    const usual = learnAll([...steady(9, 50), ...steady(11, 50)]);
    const reach = RULE.deviations * deviationOf(usual);
    expect(learn(usual, 1e9, MINUTE, RULE)).toEqual(learn(usual, usual.mean + reach, MINUTE, RULE));
    expect(learn(usual, -1e9, MINUTE, RULE)).toEqual(learn(usual, usual.mean - reach, MINUTE, RULE));
    expect(learn(usual, usual.mean + reach / 2, MINUTE, RULE).mean).toBeLessThan(learn(usual, 1e9, MINUTE, RULE).mean);
  });

  it("learns a lasting change of level, also from always 0", () => {
    for (const [from, to] of [
      [10, 40],
      [40, 10],
      [0, 5],
    ] as const) {
      const usual = learnAll(steady(from, 100));
      expect(isOdd(from, usual)).toBe(false);
      expect(isOdd(to, usual)).toBe(true);
      const later = learnAll(steady(to, 2_000), RULE, usual);
      expect(isOdd(to, later)).toBe(false);
      expect(Math.abs(later.mean - to)).toBeLessThan(Math.abs(later.mean - from));
    }
  });

  it("takes a steady gauge that moves a little for no anomaly", () => {
    const usual = learnAll(steady(100, 100));
    // Four times a twentieth of it.
    expect([119, 121, 81, 79].map((value) => isOdd(value, usual))).toEqual([false, true, false, true]);
    expect(deviationOf({ mean: -100, variance: 1, samples: 9 })).toBe(5);
    expect(deviationOf({ mean: 100, variance: 36, samples: 9 })).toBe(6);
  });
});

describe("a baseline that one absurd value has made", () => {
  it.each([
    { mean: 1e307, variance: Number.POSITIVE_INFINITY, samples: 50 },
    { mean: Number.NaN, variance: 1, samples: 50 },
    { mean: 10, variance: Number.NaN, samples: 50 },
  ])("of mean $mean and variance $variance begins again with the next value", (poisoned) => {
    expect(learn(poisoned, 12, MINUTE, RULE)).toEqual({ mean: 12, variance: 0, samples: 1 });
  });
});
