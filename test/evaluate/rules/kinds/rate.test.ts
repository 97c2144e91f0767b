import { describe } from "vitest";
import { judgeRate, type RateCondition } from "../../../../functions/evaluate/rules/kinds/rate.ts";
import { itJudges } from "./judged.ts";

const rate: RateCondition = { kind: "rate", counter: { family: "m" }, windowMs: 60_000, op: ">", value: 0 };
const short: RateCondition = { ...rate, windowMs: 600_000, shortWindowMs: 60_000 };

describe("a rate at its edges", () => {
  itJudges([
    ["nothing counted", judgeRate(0, 0, rate), "fails"],
    ["one counted", judgeRate(1, 1, rate), "holds", 1],
    ["some counted lately", judgeRate(3, 1, short), "holds", 3],
    ["none counted lately: it is over", judgeRate(3, 0, short), "fails"],
    ["fewer than there should be, and none at all", judgeRate(0, 0, { ...rate, op: "<", value: 1 }), "holds", 0],
    ["no counter", judgeRate(Number.NaN, Number.NaN, rate), "fails"],
  ]);
});
