import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as judge from "../../../functions/evaluate/rules/judge-condition.ts";
import type { Comparison, Condition } from "../../../functions/model/rule.ts";
import { STATES } from "../../../functions/model/verdict.ts";

type Of<Kind extends Condition["kind"]> = Extract<Condition, { kind: Kind }>;

const M = { family: "m" };
const NAN = Number.NaN;
const INF = Number.POSITIVE_INFINITY;
const threshold = (op: Comparison, value = 5): Of<"threshold"> => ({
  kind: "threshold",
  metric: M,
  aggregate: "max",
  op,
  value,
});
const quotient: Of<"quotient"> = { kind: "quotient", numerator: M, denominator: M, op: ">", value: 2 };
const ratio = (minCount: number, value = 0.5): Of<"ratio"> => ({
  kind: "ratio",
  numerator: M,
  denominator: M,
  windowMs: 60_000,
  op: ">",
  value,
  minCount,
});
const quantile: Of<"quantile"> = {
  kind: "quantile",
  histogram: M,
  quantile: 0.5,
  windowMs: 60_000,
  op: ">",
  value: 1,
  minCount: 4,
};
const growth: Of<"growth"> = { kind: "growth", gauge: M, windowMs: 60_000, op: ">", value: 3, floor: 10 };
const rate: Of<"rate"> = { kind: "rate", counter: M, windowMs: 60_000, op: ">", value: 0 };
const staleness: Of<"staleness"> = { kind: "staleness", timestamp: M, olderThanMs: 60_000 };
const anomaly: Of<"anomaly"> = { kind: "anomaly", metric: M, baselineMs: 1, deviations: 4, minSamples: 2 };
const verdict = (state: Of<"verdict">["state"]): Of<"verdict"> => ({ kind: "verdict", of: "target", state });

describe("each kind at its edges", () => {
  it.each<[string, judge.Outcome, judge.Outcome["seen"], number?]>([
    ["above, at the limit", judge.judgeThreshold(5, threshold(">")), "fails"],
    ["above, beyond it", judge.judgeThreshold(5.1, threshold(">")), "holds", 5.1],
    ["at least, at the limit", judge.judgeThreshold(5, threshold(">=")), "holds", 5],
    ["below, at the limit", judge.judgeThreshold(5, threshold("<")), "fails"],
    ["below, beyond it", judge.judgeThreshold(-9, threshold("<")), "holds", -9],
    ["at most, at the limit", judge.judgeThreshold(5, threshold("<=")), "holds", 5],
    ["no gauge", judge.judgeThreshold(NAN, threshold("<=")), "fails"],
    ["infinite", judge.judgeThreshold(INF, threshold(">")), "holds", INF],

    ["a quotient at the limit", judge.judgeQuotient(4, 2, quotient), "fails"],
    ["a quotient beyond it", judge.judgeQuotient(4.2, 2, quotient), "holds", 2.1],
    ["a denominator of 0", judge.judgeQuotient(4, 0, quotient), "fails"],
    ["a denominator below 0", judge.judgeQuotient(-40, -2, quotient), "fails"],
    ["no denominator", judge.judgeQuotient(4, NAN, quotient), "fails"],
    ["no numerator", judge.judgeQuotient(NAN, 2, quotient), "fails"],

    ["a ratio of too few", judge.judgeRatio(3, 3, ratio(4)), "unknown"],
    ["a ratio of just enough", judge.judgeRatio(4, 4, ratio(4)), "holds", 1],
    ["a ratio at the limit", judge.judgeRatio(2, 4, ratio(4)), "fails"],
    ["a ratio of nothing", judge.judgeRatio(0, 0, ratio(1)), "unknown"],
    ["more parts than wholes", judge.judgeRatio(9, 4, ratio(4)), "holds", 2.25],

    ["too few observations", judge.judgeQuantile([1, 2], [0, 0, 3], quantile), "unknown"],
    ["just enough of them", judge.judgeQuantile([1, 2], [0, 0, 4], quantile), "holds", 2],
    ["fast ones", judge.judgeQuantile([1, 2], [4, 0, 0], quantile), "fails"],
    ["no observations", judge.judgeQuantile([1, 2], [0, 0, 0], quantile), "unknown"],

    ["grown, at the limit", judge.judgeGrowth(23, 20, growth), "fails"],
    ["grown beyond it", judge.judgeGrowth(24, 20, growth), "holds", 4],
    ["grown, but at the floor", judge.judgeGrowth(10, 0, growth), "fails"],
    ["grown above the floor", judge.judgeGrowth(11, 0, growth), "holds", 11],
    ["no value a window ago", judge.judgeGrowth(24, NAN, growth), "fails"],
    ["no value now", judge.judgeGrowth(NAN, 0, growth), "fails"],
    ["shrunk", judge.judgeGrowth(20, 24, growth), "fails"],

    ["nothing counted", judge.judgeRate(0, rate), "fails"],
    ["one counted", judge.judgeRate(1, rate), "holds", 1],
    ["no counter", judge.judgeRate(NAN, rate), "fails"],

    ["as old as may be", judge.judgeStaleness(1_000, 1_060_000, staleness), "fails"],
    ["older", judge.judgeStaleness(1_000, 1_060_500, staleness), "holds", 60.5],
    ["of the future", judge.judgeStaleness(5_000, 1_060_001, staleness), "fails"],
    ["never", judge.judgeStaleness(NAN, 1_060_001, staleness), "fails"],

    ["as far as is usual", judge.judgeAnomaly(18, 10, 2, anomaly), "fails"],
    ["further above", judge.judgeAnomaly(18.5, 10, 2, anomaly), "holds", 8.5],
    ["further below", judge.judgeAnomaly(1.5, 10, 2, anomaly), "holds", 8.5],
    ["no gauge for an anomaly", judge.judgeAnomaly(NAN, 10, 2, anomaly), "fails"],
    ["a gauge that never moved, as it is", judge.judgeAnomaly(0, 0, 0, anomaly), "fails"],
  ])("%s", (_name, outcome, seen, value = NAN) => expect(outcome).toEqual({ seen, value }));
});

describe("a verdict", () => {
  it.each(STATES)("of a target that is %s", (state) => {
    const seen = (asked: Of<"verdict">["state"], open: number): string =>
      judge.judgeVerdict(STATES.indexOf(state), open, verdict(asked)).seen;
    // An incident stays open through times of which nothing is known, and until enough good slots.
    expect([seen("down", 0), seen("down", 1), seen("down", NAN)]).toEqual(["fails", "holds", "fails"]);
    for (const asked of ["degraded", "regional"] as const)
      expect(seen(asked, 0)).toBe(state === asked ? "holds" : state === "unknown" ? "unknown" : "fails");
    expect(seen("unknown", 0)).toBe(state === "unknown" ? "holds" : "fails");
  });

  it("of a target that has no state yet fails", () =>
    expect(judge.judgeVerdict(NAN, NAN, verdict("degraded")).seen).toBe("fails"));
});

describe("a burn", () => {
  const windows = [
    { longMs: 60, shortMs: 5, factor: 10, minFailures: 3 },
    { longMs: 360, shortMs: 30, factor: 5, minFailures: 6 },
  ];
  const burn: Of<"burn"> = { kind: "burn", errors: M, total: M, objective: 0.99, windows };
  const row = (longErrors: number, longTotal: number, shortErrors: number, shortTotal: number): judge.BurnCounts => ({
    longErrors,
    longTotal,
    shortErrors,
    shortTotal,
  });
  const calm = row(0, 360, 0, 30);

  it.each<[string, judge.BurnCounts[], judge.Outcome["seen"], number?]>([
    ["nothing fails", [row(0, 60, 0, 5), calm], "fails"],
    ["both windows of one row", [row(12, 60, 2, 5), calm], "holds", 0.2],
    ["the long window only: it is over", [row(12, 60, 0, 5), calm], "fails"],
    ["the short window only: it has just begun", [row(2, 60, 2, 5), calm], "fails"],
    ["at the limit of the long one", [row(6, 60, 5, 5), calm], "fails"],
    ["too few failures", [row(2, 4, 2, 4), calm], "fails"],
    ["just enough failures", [row(3, 4, 2, 4), calm], "holds", 0.75],
    ["the second row", [row(0, 60, 0, 5), row(36, 360, 4, 30)], "holds", 0.1],
    ["nothing ran in a short window", [row(12, 60, 0, 0), calm], "unknown"],
    ["nothing ran at all", [row(0, 0, 0, 0), row(0, 0, 0, 0)], "unknown"],
    ["one row holds where another is silent", [row(0, 60, 0, 0), row(36, 360, 4, 30)], "holds", 0.1],
  ])("%s", (_name, rows, seen, value = NAN) => {
    const outcome = judge.judgeBurn(rows, burn);
    expect(outcome).toEqual({ seen, value });
  });

  it("never pages for fewer failures than the least, whatever the rest", () => {
    const count = fc.nat({ max: 1_000 });
    fc.assert(
      fc.property(fc.nat({ max: 2 }), count, count, count, (few, longTotal, shortErrors, shortTotal) => {
        expect(judge.judgeBurn([row(few, longTotal, shortErrors, shortTotal), calm], burn).seen).not.toBe("holds");
      }),
    );
  });
});

describe("an override's number", () => {
  const burn: Condition = { kind: "burn", errors: M, total: M, objective: 0.99, windows: [] };
  const CASES: [Condition, object][] = [
    [threshold(">"), { value: 7 }],
    [quotient, { value: 7 }],
    [ratio(1), { value: 7 }],
    [quantile, { value: 7 }],
    [growth, { value: 7 }],
    [rate, { value: 7 }],
    [anomaly, { deviations: 7 }],
    [burn, { objective: 7 }],
    [staleness, { olderThanMs: 7 }],
    [verdict("down"), {}],
  ];
  it.each(CASES)("changes that of %o, and nothing else", (condition, changed) => {
    const before = structuredClone(condition);
    expect(judge.withValue(condition, 7)).toEqual({ ...before, ...changed });
    expect(condition).toEqual(before);
  });
});
