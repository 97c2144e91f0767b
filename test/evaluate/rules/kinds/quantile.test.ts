import { describe } from "vitest";
import { judgeQuantile, type QuantileCondition } from "../../../../functions/evaluate/rules/kinds/quantile.ts";
import { itJudges } from "./judged.ts";

const quantile: QuantileCondition = {
  kind: "quantile",
  histogram: { family: "m" },
  quantile: 0.5,
  windowMs: 60_000,
  op: ">",
  value: 1,
  minCount: 4,
};

describe("a quantile at its edges", () => {
  itJudges([
    ["too few observations", judgeQuantile([1, 2], [0, 0, 3], quantile), "unknown"],
    ["just enough of them", judgeQuantile([1, 2], [0, 0, 4], quantile), "holds", 2],
    ["fast ones", judgeQuantile([1, 2], [4, 0, 0], quantile), "fails"],
    ["no observations", judgeQuantile([1, 2], [0, 0, 0], quantile), "unknown"],
  ]);
});
