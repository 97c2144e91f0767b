import type { Selector } from "../../../model/alerting/rule.ts";
import { type Comparing, comparedNumber, comparisonKeys, judgeComparison, selects } from "../condition-keys.ts";
import { joinGauges } from "../join-gauges.ts";
import { FAILS, type Outcome } from "../outcome.ts";
import { once } from "../promql-terms.ts";
import type { RuleKind } from "../rule-kind.ts";

/** One gauge divided by another, now; unknown if the denominator is 0 or negative. */
export interface QuotientCondition extends Comparing {
  kind: "quotient";
  numerator: Selector;
  denominator: Selector;
}

const keys = {
  numerator: selects("What is counted or measured.", "zako_v1_worker_active_threads"),
  denominator: selects("What it is divided by; at 0 the result is unknown.", "zako_v1_worker_max_threads"),
  ...comparisonKeys,
};

function judgeQuotient(numerator: number, denominator: number, c: QuotientCondition): Outcome {
  return denominator > 0 ? judgeComparison(numerator / denominator, c) : FAILS;
}

export const quotient: RuleKind<QuotientCondition, typeof keys> = {
  kind: "quotient",
  doc: "One gauge divided by another is beyond a threshold.",
  keys,
  selects: { numerator: "gauge", denominator: "gauge" },
  make: ({ numerator, denominator, op = ">", value }) => ({ kind: "quotient", numerator, denominator, op, value }),
  number: comparedNumber(),
  reads: ({ numerator, denominator }) => [
    { selector: numerator, type: "gauge" },
    { selector: denominator, type: "gauge" },
  ],
  bind({ numerator, denominator }, layout) {
    const others = new Map(layout.groups(denominator).map(({ text, offsets }) => [text, offsets]));
    return layout.each(numerator, ({ text, offsets }) => {
      const below = others.get(text) ?? [];
      return {
        judge: ({ values }, c) =>
          judgeQuotient(joinGauges(values, offsets, "sum"), joinGauges(values, below, "sum"), c),
      };
    });
  },
  promql({ numerator, denominator, op, value }, { by, select }) {
    const [above, below] = [numerator, denominator].map((selector) => `sum by (${by}) (${once(select(selector))})`);
    return `${above} / (${below} > 0) ${op} ${value}`;
  },
  example: {
    keys: { value: 0.9 },
    condition: {
      kind: "quotient",
      numerator: { family: "zako_v1_worker_active_threads" },
      denominator: { family: "zako_v1_worker_max_threads" },
      op: ">",
      value: 0.9,
    },
    outcomes: [
      { seen: "holds", now: { zako_v1_worker_active_threads: 10, zako_v1_worker_max_threads: 10 } },
      { seen: "fails", now: { zako_v1_worker_active_threads: 9, zako_v1_worker_max_threads: 10 } },
      { seen: "fails", now: { zako_v1_worker_active_threads: 10, zako_v1_worker_max_threads: 0 } },
      { seen: "fails", now: { zako_v1_worker_active_threads: 10 } },
    ],
  },
};
