import { describe } from "vitest";
import { judgeStaleness, type StalenessCondition } from "../../../../functions/evaluate/rules/kinds/staleness.ts";
import { itJudges } from "./judged.ts";

const staleness: StalenessCondition = { kind: "staleness", timestamp: { family: "m" }, olderThanMs: 60_000 };

describe("staleness at its edges", () => {
  itJudges([
    ["as old as may be", judgeStaleness(1_000, 1_060_000, staleness), "fails"],
    ["older", judgeStaleness(1_000, 1_060_500, staleness), "holds", 60.5],
    ["of the future", judgeStaleness(5_000, 1_060_001, staleness), "fails"],
    ["never", judgeStaleness(Number.NaN, 1_060_001, staleness), "fails"],
  ]);
});
