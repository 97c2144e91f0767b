import { describe } from "vitest";
import { judgeRatio, type RatioCondition } from "../../../../functions/evaluate/rules/kinds/ratio.ts";
import { itJudges } from "./judged.ts";

const M = { family: "m" };
const ratio = (minCount: number): RatioCondition => ({
  kind: "ratio",
  numerator: M,
  denominator: M,
  windowMs: 60_000,
  op: ">",
  value: 0.5,
  minCount,
});

describe("a ratio at its edges", () => {
  itJudges([
    ["of too few", judgeRatio(3, 3, ratio(4)), "unknown"],
    ["of just enough", judgeRatio(4, 4, ratio(4)), "holds", 1],
    ["at the limit", judgeRatio(2, 4, ratio(4)), "fails"],
    ["of nothing", judgeRatio(0, 0, ratio(1)), "unknown"],
    ["more parts than wholes", judgeRatio(9, 4, ratio(4)), "holds", 2.25],
  ]);
});
