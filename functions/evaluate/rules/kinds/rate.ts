import type { Selector } from "../../../model/alerting/rule.ts";
import {
  type Comparing,
  comparedNumber,
  comparisonKeys,
  judgeComparison,
  type ShortWindowed,
  selects,
  shortWindowKey,
  shortWindowProblems,
  windowKey,
  windowsOf,
} from "../condition-keys.ts";
import { type Gated, gated, gateReads, promqlGated } from "../failing-gate.ts";
import { FAILS, type Outcome } from "../outcome.ts";
import type { RuleKind } from "../rule-kind.ts";

/** Difference of a counter over the window; it must have grown in the short one, too. */
export interface RateCondition extends Comparing, ShortWindowed, Gated {
  kind: "rate";
  counter: Selector;
  windowMs: number;
}

const keys = {
  counter: selects("The counter.", "zako_v1_probe_retries_total"),
  window: windowKey,
  short_window: shortWindowKey("it must have grown, too"),
  ...comparisonKeys,
};

/**
 * `difference`, `latest`: growth in the window and in the short one.
 *
 * @internal For tests of its edges.
 */
export const judgeRate = (difference: number, latest: number, c: RateCondition): Outcome =>
  c.shortWindowMs !== undefined && !(latest > 0) ? FAILS : judgeComparison(difference, c);

export const rate: RuleKind<RateCondition, typeof keys> = {
  kind: "rate",
  doc: "A counter has increased by more than a threshold within the window.",
  keys,
  selects: { counter: "counter" },
  make: ({ counter, window: windowMs, short_window: shortWindowMs, op = ">", value }) => ({
    kind: "rate",
    counter,
    windowMs,
    ...(shortWindowMs === undefined ? {} : { shortWindowMs }),
    op,
    value,
  }),
  problems: shortWindowProblems,
  number: comparedNumber(),
  reads: (condition) => [{ selector: condition.counter, type: "counter" }, ...gateReads(condition)],
  follows: (condition) => [{ selector: condition.counter, windowsMs: windowsOf(condition) }],
  bind(condition, layout) {
    const { counter, windowMs, shortWindowMs = windowMs } = condition;
    const behindGate = gated<RateCondition>(condition, layout);
    return layout.each(counter, (group) => {
      const difference = layout.windowOf(counter, group, windowMs);
      const latest = layout.windowOf(counter, group, shortWindowMs);
      return { judge: behindGate(group.text, ({ windows }, c) => judgeRate(difference(windows), latest(windows), c)) };
    });
  },
  promql(condition, terms) {
    const { counter, windowMs, shortWindowMs, op, value } = condition;
    const grown = `${terms.difference(counter, windowMs)} ${op} ${value}`;
    const lately = shortWindowMs === undefined ? "" : ` and ${terms.difference(counter, shortWindowMs)} > 0`;
    return promqlGated(grown + lately, condition, terms);
  },
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
