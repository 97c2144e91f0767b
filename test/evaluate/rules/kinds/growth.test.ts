import { describe } from "vitest";
import type { GrowthCondition } from "../../../../functions/evaluate/rules/kinds/growth.ts";
import { judgeNumbers } from "./judge-numbers.ts";
import { itJudges } from "./judged.ts";

const growth: GrowthCondition = {
  kind: "growth",
  gauge: { family: "gauge" },
  windowMs: 60_000,
  op: ">",
  value: 3,
  floor: 10,
};

const judgeGrowth = (gauge: number, before: number, condition: GrowthCondition) =>
  judgeNumbers(condition, { now: { gauge }, within: { gauge: [[before]] } });

describe("growth at its edges", () => {
  itJudges([
    ["at the limit", judgeGrowth(23, 20, growth), "fails"],
    ["beyond it", judgeGrowth(24, 20, growth), "holds", 4],
    ["but at the floor", judgeGrowth(10, 0, growth), "fails"],
    ["above the floor", judgeGrowth(11, 0, growth), "holds", 11],
    ["no value a window ago", judgeGrowth(24, Number.NaN, growth), "fails"],
    ["no value now", judgeGrowth(Number.NaN, 0, growth), "fails"],
    ["shrunk", judgeGrowth(20, 24, growth), "fails"],
  ]);
});
