import { describe } from "vitest";
import type { QuotientCondition } from "../../../../functions/evaluate/rules/kinds/quotient.ts";
import { judgeNumbers } from "./judge-numbers.ts";
import { itJudges } from "./judged.ts";

const quotient: QuotientCondition = {
  kind: "quotient",
  numerator: { family: "gauge" },
  denominator: { family: "other_gauge" },
  op: ">",
  value: 2,
};

const judgeQuotient = (gauge: number, other_gauge: number, condition: QuotientCondition) =>
  judgeNumbers(condition, { now: { gauge, other_gauge } });

describe("a quotient at its edges", () => {
  itJudges([
    ["at the limit", judgeQuotient(4, 2, quotient), "fails"],
    ["beyond it", judgeQuotient(4.2, 2, quotient), "holds", 2.1],
    ["a denominator of 0", judgeQuotient(4, 0, quotient), "fails"],
    ["a denominator below 0", judgeQuotient(-40, -2, quotient), "fails"],
    ["no denominator", judgeQuotient(4, Number.NaN, quotient), "fails"],
    ["no numerator", judgeQuotient(Number.NaN, 2, quotient), "fails"],
  ]);
});
