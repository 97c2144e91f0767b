import { describe } from "vitest";
import type { RatioCondition } from "../../../../functions/evaluate/rules/kinds/ratio.ts";
import { judgeNumbers } from "./judge-numbers.ts";
import { itJudges } from "./judged.ts";

const ratio = (minCount: number): RatioCondition => ({
  kind: "ratio",
  numerator: { family: "part_total" },
  denominator: { family: "whole_total" },
  windowMs: 60_000,
  op: ">",
  value: 0.5,
  minCount,
});

const judgeRatio = (part: number, whole: number, condition: RatioCondition) =>
  judgeNumbers(condition, { within: { part_total: [[part]], whole_total: [[whole]] } });

describe("a ratio at its edges", () => {
  itJudges([
    ["of too few", judgeRatio(3, 3, ratio(4)), "unknown"],
    ["of just enough", judgeRatio(4, 4, ratio(4)), "holds", 1],
    ["at the limit", judgeRatio(2, 4, ratio(4)), "fails"],
    ["of nothing", judgeRatio(0, 0, ratio(1)), "unknown"],
    ["more parts than wholes", judgeRatio(9, 4, ratio(4)), "holds", 2.25],
  ]);
});
