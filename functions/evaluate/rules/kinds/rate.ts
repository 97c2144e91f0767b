import type { Selector } from "../../../model/alerting/rule.ts";
import {
  type Comparing,
  comparedNumber,
  comparisonKeys,
  judgeComparison,
  selects,
  windowKey,
} from "../condition-keys.ts";
import type { RuleKind } from "../rule-kind.ts";

/** Difference of a counter over the window. */
export interface RateCondition extends Comparing {
  kind: "rate";
  counter: Selector;
  windowMs: number;
}

const keys = { counter: selects("The counter.", "zako_v1_probe_retries_total"), window: windowKey, ...comparisonKeys };

export const rate: RuleKind<RateCondition, typeof keys> = {
  kind: "rate",
  doc: "A counter has increased by more than a threshold within the window.",
  keys,
  selects: { counter: "counter" },
  make: ({ counter, window: windowMs, op = ">", value }) => ({ kind: "rate", counter, windowMs, op, value }),
  number: comparedNumber(),
  reads: ({ counter }) => [{ selector: counter, type: "counter" }],
  follows: ({ counter, windowMs }) => [{ selector: counter, windowsMs: [windowMs] }],
  bind: ({ counter, windowMs }, layout) =>
    layout.each(counter, (group) => {
      const difference = layout.windowOf(counter, group, windowMs);
      return { judge: ({ windows }, c) => judgeComparison(difference(windows), c) };
    }),
  promql: ({ counter, windowMs, op, value }, { difference }) => `${difference(counter, windowMs)} ${op} ${value}`,
  example: {
    condition: {
      kind: "rate",
      counter: { family: "zako_v1_probe_retries_total" },
      windowMs: 900_000,
      op: ">",
      value: 10,
    },
    outcomes: [
      { seen: "holds", within: { zako_v1_probe_retries_total: [[11]] } },
      { seen: "fails", within: { zako_v1_probe_retries_total: [[10]] } },
      { seen: "fails" },
    ],
  },
};
