import * as z from "zod";
import { formatDuration } from "../../../lib/duration.ts";
import { optional } from "../../../lib/leaf.ts";
import type { Selector } from "../../../model/alerting/rule.ts";
import { type Comparing, comparedNumber, comparisonKeys, selects, windowKey } from "../condition-keys.ts";
import { joinGauges } from "../join-gauges.ts";
import { compare, judged, type Outcome } from "../outcome.ts";
import { once } from "../promql-terms.ts";
import type { RuleKind } from "../rule-kind.ts";

/** How much a gauge has grown over the window, while above `floor`. */
export interface GrowthCondition extends Comparing {
  kind: "growth";
  gauge: Selector;
  windowMs: number;
  floor: number;
}

const keys = {
  gauge: selects("The gauge.", "zako_v1_worker_queue_length"),
  window: windowKey,
  ...comparisonKeys,
  floor: optional(z.number(), { description: "The rule only holds above this value.", default: 0 }),
};

/** `before`: the gauge one window ago, NaN if it had no value then. */
function judgeGrowth(now: number, before: number, c: GrowthCondition): Outcome {
  const value = now - before;
  return judged(compare(value, c.op, c.value) && now > c.floor, value);
}

export const growth: RuleKind<GrowthCondition, typeof keys> = {
  kind: "growth",
  doc: "A gauge has grown by more than a threshold over the window.",
  keys,
  selects: { gauge: "gauge" },
  make: ({ gauge, window: windowMs, op = ">", value, floor = 0 }) => ({
    kind: "growth",
    gauge,
    windowMs,
    op,
    value,
    floor,
  }),
  number: comparedNumber(),
  reads: ({ gauge }) => [{ selector: gauge, type: "gauge" }],
  follows: ({ gauge, windowMs }) => [{ selector: gauge, windowsMs: [windowMs] }],
  bind: ({ gauge, windowMs }, layout) =>
    layout.each(gauge, (group) => {
      const before = layout.windowOf(gauge, group, windowMs);
      return {
        judge: ({ values, windows }, c) => judgeGrowth(joinGauges(values, group.offsets, "sum"), before(windows), c),
      };
    }),
  promql({ gauge, windowMs, op, value, floor }, { by, select }) {
    const now = `sum by (${by}) (${once(select(gauge))})`;
    const before = `sum by (${by}) (${once(`${select(gauge)} offset ${formatDuration(windowMs)}`)})`;
    return `${now} - ${before} ${op} ${value} and ${now} > ${floor}`;
  },
  example: {
    condition: {
      kind: "growth",
      gauge: { family: "zako_v1_worker_queue_length" },
      windowMs: 900_000,
      op: ">",
      value: 10,
      floor: 0,
    },
    outcomes: [
      {
        seen: "holds",
        now: { zako_v1_worker_queue_length: 31 },
        within: { zako_v1_worker_queue_length: [[20]] },
      },
      {
        seen: "fails",
        now: { zako_v1_worker_queue_length: 30 },
        within: { zako_v1_worker_queue_length: [[20]] },
      },
      { seen: "fails", now: { zako_v1_worker_queue_length: 31 } },
    ],
  },
};
