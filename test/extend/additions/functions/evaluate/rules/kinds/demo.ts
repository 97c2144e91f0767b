import * as z from "zod";
import { required } from "../../../lib/leaf.ts";
import type { AnyCondition, Selector } from "../../../model/alerting/rule.ts";
import { selects } from "../condition-keys.ts";
import { joinGauges } from "../join-gauges.ts";
import { judged, type Outcome } from "../outcome.ts";
import { once } from "../promql-terms.ts";
import type { RuleKind } from "../rule-kind.ts";

/** The largest of a group's gauges is above a number. */
export interface DemoCondition extends AnyCondition {
  kind: "demo";
  metric: Selector;
  limit: number;
}

const limit = z.number();

const keys = {
  metric: selects("The gauge.", "zako_v1_cas_recommended_concurrency"),
  limit: required(limit, { description: "What is allowed.", example: 64 }),
};

/** The value is the gauge's. */
const judgeDemo = (gauge: number, c: DemoCondition): Outcome => judged(gauge > c.limit, gauge);

export const demo: RuleKind<DemoCondition, typeof keys> = {
  kind: "demo",
  doc: "The largest of some gauges is above a limit.",
  keys,
  selects: { metric: "gauge" },
  make: ({ metric, limit }) => ({ kind: "demo", metric, limit }),
  number: {
    key: "limit",
    doc: "the limit of a demo",
    schema: limit,
    text: (condition) => String(condition.limit),
    replace: (condition, number) => ({ ...condition, limit: number }),
  },
  reads: ({ metric }) => [{ selector: metric, type: "gauge" }],
  bind: ({ metric }, layout) =>
    layout.each(metric, ({ offsets }) => ({
      judge: ({ values }, c) => judgeDemo(joinGauges(values, offsets, "max"), c),
    })),
  promql: ({ metric, limit }, { by, select }) => `max by (${by}) (${once(select(metric))}) > ${limit}`,
  example: {
    condition: { kind: "demo", metric: { family: "zako_v1_cas_recommended_concurrency" }, limit: 64 },
    outcomes: [
      { seen: "holds", now: { zako_v1_cas_recommended_concurrency: 65 } },
      { seen: "fails", now: { zako_v1_cas_recommended_concurrency: 64 } },
      { seen: "fails" },
    ],
  },
};
