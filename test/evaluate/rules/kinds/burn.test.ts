import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BurnCondition, burn as kind } from "../../../../functions/evaluate/rules/kinds/burn.ts";
import { judgeNumbers } from "./judge-numbers.ts";
import { itJudges } from "./judged.ts";

const MINUTE = 60_000;
const windows = [
  { longMs: 60 * MINUTE, shortMs: 5 * MINUTE, factor: 10, minFailures: 3 },
  { longMs: 360 * MINUTE, shortMs: 30 * MINUTE, factor: 5, minFailures: 6 },
];
const burn: BurnCondition = {
  kind: "burn",
  errors: { family: "part_total" },
  total: { family: "whole_total" },
  objective: 0.99,
  windows,
};
type Row = Readonly<Record<"longErrors" | "longTotal" | "shortErrors" | "shortTotal", number>>;
const row = (longErrors: number, longTotal: number, shortErrors: number, shortTotal: number): Row => ({
  longErrors,
  longTotal,
  shortErrors,
  shortTotal,
});
/** Rows as the windows of a burn's two counters: long and short by turns. */
const judgeBurn = (rows: readonly Row[], condition: BurnCondition) =>
  judgeNumbers(condition, {
    within: {
      part_total: rows.flatMap((one) => [[one.longErrors], [one.shortErrors]]),
      whole_total: rows.flatMap((one) => [[one.longTotal], [one.shortTotal]]),
    },
  });
const calm = row(0, 360, 0, 30);

describe("a burn", () => {
  itJudges([
    ["nothing fails", judgeBurn([row(0, 60, 0, 5), calm], burn), "fails"],
    ["both windows of one row", judgeBurn([row(12, 60, 2, 5), calm], burn), "holds", 0.2],
    ["the long window only: it is over", judgeBurn([row(12, 60, 0, 5), calm], burn), "fails"],
    ["the short window only: it has just begun", judgeBurn([row(2, 60, 2, 5), calm], burn), "fails"],
    ["at the limit of the long one", judgeBurn([row(6, 60, 5, 5), calm], burn), "fails"],
    ["too few failures", judgeBurn([row(2, 4, 2, 4), calm], burn), "fails"],
    ["just enough failures", judgeBurn([row(3, 4, 2, 4), calm], burn), "holds", 0.75],
    ["the second row", judgeBurn([row(0, 60, 0, 5), row(36, 360, 4, 30)], burn), "holds", 0.1],
    ["nothing ran in a short window", judgeBurn([row(12, 60, 0, 0), calm], burn), "unknown"],
    ["nothing ran at all", judgeBurn([row(0, 0, 0, 0), row(0, 0, 0, 0)], burn), "unknown"],
    ["one row holds where another is silent", judgeBurn([row(0, 60, 0, 0), row(36, 360, 4, 30)], burn), "holds", 0.1],
  ]);

  it("never pages for fewer failures than the least, whatever the rest", () => {
    const count = fc.nat({ max: 1_000 });
    fc.assert(
      fc.property(fc.nat({ max: 2 }), count, count, count, (few, longTotal, shortErrors, shortTotal) => {
        expect(judgeBurn([row(few, longTotal, shortErrors, shortTotal), calm], burn).seen).not.toBe("holds");
      }),
    );
  });
});

describe("a burn that could never hold", () => {
  const problem = (objective: number): string | undefined => kind.number?.problem?.({ ...burn, objective });

  it("is one whose factor times the budget is all there is", () => {
    expect(problem(0.91)).toBeUndefined();
    expect(problem(0.89)).toContain("is too low: 10 times its budget is more than all runs");
    expect(problem(0.5)).toContain("give 0.901 or more");
  });

  it("has no window, or a short one that is no shorter than the long one", () => {
    const problems = (rows: BurnCondition["windows"]) => kind.problems?.({ ...burn, windows: rows });
    expect(problems(windows)).toEqual([]);
    expect(problems([])?.map(({ path }) => path)).toEqual([["windows"]]);
    const swapped = { longMs: 5, shortMs: 5, factor: 1, minFailures: 1 };
    expect(problems([...windows, swapped])?.map(({ path }) => path)).toEqual([["windows", 2, "short"]]);
  });
});
