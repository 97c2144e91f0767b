import { describe } from "vitest";
import type { RatioCondition } from "../../../../functions/evaluate/rules/kinds/ratio.ts";
import { judgeNumbers } from "./judge-numbers.ts";
import { itJudges } from "./judged.ts";

const ratio = (minCount: number, over: Partial<RatioCondition> = {}): RatioCondition => ({
  kind: "ratio",
  numerator: { family: "part_total" },
  denominator: { family: "whole_total" },
  windowMs: 60_000,
  op: ">",
  value: 0.5,
  minCount,
  ...over,
});
const short = ratio(4, { windowMs: 600_000, shortWindowMs: 60_000 });

interface Counts {
  part: number;
  whole: number;
  shortPart?: number;
  shortWhole?: number;
}

const judgeRatio = ({ part, whole, shortPart = 0, shortWhole = 0 }: Counts, condition: RatioCondition) =>
  judgeNumbers(condition, {
    within: { part_total: [[part], [shortPart]], whole_total: [[whole], [shortWhole]] },
  });

describe("a ratio at its edges", () => {
  itJudges([
    ["of too few", judgeRatio({ part: 3, whole: 3 }, ratio(4)), "unknown"],
    ["of just enough", judgeRatio({ part: 4, whole: 4 }, ratio(4)), "holds", 1],
    ["at the limit", judgeRatio({ part: 2, whole: 4 }, ratio(4)), "fails"],
    ["of nothing", judgeRatio({ part: 0, whole: 0 }, ratio(1)), "unknown"],
    ["with a failure lately", judgeRatio({ part: 4, whole: 5, shortPart: 1, shortWhole: 2 }, short), "holds", 0.8],
    ["with none lately: it is over", judgeRatio({ part: 4, whole: 5, shortPart: 0, shortWhole: 2 }, short), "fails"],
    [
      "of too few with none lately: it is over",
      judgeRatio({ part: 3, whole: 3, shortPart: 0, shortWhole: 1 }, short),
      "fails",
    ],
    ["with nothing lately", judgeRatio({ part: 4, whole: 5, shortPart: 0, shortWhole: 0 }, short), "unknown"],
    [
      "of too few with a failure lately",
      judgeRatio({ part: 3, whole: 3, shortPart: 1, shortWhole: 1 }, short),
      "unknown",
    ],
    ["more parts than wholes", judgeRatio({ part: 9, whole: 4 }, ratio(4)), "holds", 2.25],
  ]);
});
