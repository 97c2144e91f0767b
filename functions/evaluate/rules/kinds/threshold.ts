import * as z from "zod";
import { optional } from "../../../lib/leaf.ts";
import type { Selector } from "../../../model/alerting/rule.ts";
import { type Comparing, comparedNumber, comparisonKeys, judgeComparison, selects } from "../condition-keys.ts";
import { AGGREGATES, type Aggregate, joinGauges } from "../join-gauges.ts";
import { once } from "../promql-terms.ts";
import type { RuleKind } from "../rule-kind.ts";

/** The current value of a gauge; a group's series are combined by `aggregate`. */
export interface ThresholdCondition extends Comparing {
  kind: "threshold";
  metric: Selector;
  aggregate: Aggregate;
}

const keys = {
  metric: selects("The gauge.", "zako_watch_history_backlog_slots"),
  aggregate: optional(z.enum(AGGREGATES), {
    description: "How series of a group are combined. Default: the worst, `max` for > and `min` for <.",
    example: "max",
  }),
  ...comparisonKeys,
};

export const threshold: RuleKind<ThresholdCondition, typeof keys> = {
  kind: "threshold",
  doc: "A gauge is beyond a threshold.",
  keys,
  selects: { metric: "gauge" },
  make: ({ metric, aggregate, op = ">", value }) => ({
    kind: "threshold",
    metric,
    aggregate: aggregate ?? (op.startsWith("<") ? "min" : "max"),
    op,
    value,
  }),
  number: comparedNumber(),
  reads: ({ metric }) => [{ selector: metric, type: "gauge" }],
  bind: ({ metric }, layout) =>
    layout.each(metric, ({ offsets }) => ({
      judge: ({ values }, c) => judgeComparison(joinGauges(values, offsets, c.aggregate), c),
    })),
  promql: ({ metric, aggregate, op, value }, { by, select }) =>
    `${aggregate} by (${by}) (${once(select(metric))}) ${op} ${value}`,
  example: {
    keys: { metric: "zako_watch_budget_tokens" },
    condition: {
      kind: "threshold",
      metric: { family: "zako_watch_budget_tokens" },
      aggregate: "max",
      op: ">",
      value: 10,
    },
    outcomes: [
      { seen: "holds", now: { zako_watch_budget_tokens: 11 } },
      { seen: "fails", now: { zako_watch_budget_tokens: 10 } },
      { seen: "fails" },
    ],
  },
};
