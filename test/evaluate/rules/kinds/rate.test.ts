import { describe } from "vitest";
import { judgeComparison } from "../../../../functions/evaluate/rules/condition-keys.ts";
import type { RateCondition } from "../../../../functions/evaluate/rules/kinds/rate.ts";
import { itJudges } from "./judged.ts";

const rate: RateCondition = { kind: "rate", counter: { family: "m" }, windowMs: 60_000, op: ">", value: 0 };

describe("a rate at its edges", () => {
  itJudges([
    ["nothing counted", judgeComparison(0, rate), "fails"],
    ["one counted", judgeComparison(1, rate), "holds", 1],
    ["no counter", judgeComparison(Number.NaN, rate), "fails"],
  ]);
});
