import { describe } from "vitest";
import type { QuantileCondition } from "../../../../functions/evaluate/rules/kinds/quantile.ts";
import { judgeNumbers } from "./judge-numbers.ts";
import { itJudges } from "./judged.ts";

const quantile: QuantileCondition = {
  kind: "quantile",
  histogram: { family: "sizes" },
  quantile: 0.5,
  windowMs: 60_000,
  op: ">",
  value: 1,
  minCount: 4,
};

/** `counts`: of values up to 1, up to 2, and above. */
const judgeQuantile = (counts: readonly number[], condition: QuantileCondition) =>
  judgeNumbers(condition, { within: { sizes: [counts] } });

describe("a quantile at its edges", () => {
  itJudges([
    ["too few observations", judgeQuantile([0, 0, 3], quantile), "unknown"],
    ["just enough of them", judgeQuantile([0, 0, 4], quantile), "holds", 2],
    ["fast ones", judgeQuantile([4, 0, 0], quantile), "fails"],
    ["no observations", judgeQuantile([0, 0, 0], quantile), "unknown"],
  ]);
});
