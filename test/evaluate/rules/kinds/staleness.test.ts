import { describe } from "vitest";
import type { StalenessCondition } from "../../../../functions/evaluate/rules/kinds/staleness.ts";
import { judgeNumbers } from "./judge-numbers.ts";
import { itJudges } from "./judged.ts";

const staleness: StalenessCondition = { kind: "staleness", timestamp: { family: "gauge" }, olderThanMs: 60_000 };

const judgeStaleness = (ageSeconds: number, condition: StalenessCondition) =>
  judgeNumbers(condition, { now: { gauge: 2_000_000_000 - ageSeconds } });

describe("staleness at its edges", () => {
  itJudges([
    ["as old as may be", judgeStaleness(60, staleness), "fails"],
    ["older", judgeStaleness(60.5, staleness), "holds", 60.5],
    ["of the future", judgeStaleness(-3_940, staleness), "fails"],
    ["never", judgeStaleness(Number.NaN, staleness), "fails"],
  ]);
});
