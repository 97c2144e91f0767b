import * as z from "zod";
import { required } from "../../../lib/leaf.ts";
import type { Matcher } from "../../../model/alerting/matcher.ts";
import type { Selector } from "../../../model/alerting/rule.ts";
import {
  type Comparing,
  comparedNumber,
  comparisonKeys,
  judgeComparison,
  minCountKey,
  selects,
  windowKey,
} from "../condition-keys.ts";
import { type Outcome, UNKNOWN } from "../outcome.ts";
import { quantileOf } from "../quantile.ts";
import type { RuleKind } from "../rule-kind.ts";

/** A quantile (0 to 1) of a histogram's observations in the window, interpolated as `histogram_quantile` does. */
export interface QuantileCondition extends Comparing {
  kind: "quantile";
  histogram: Selector;
  quantile: number;
  windowMs: number;
  minCount: number;
}

const { op, value } = comparisonKeys;
const keys = {
  histogram: selects("The histogram, without `_bucket`.", "zako_v1_probe_duration_seconds"),
  quantile: required(z.number().min(0).max(1), { description: "Which quantile, 0 to 1.", example: 0.95 }),
  window: windowKey,
  op,
  value,
  min_count: minCountKey,
};

const INFINITE: Matcher = { name: "le", op: "=", value: "+Inf" };

/** `counts`: observations per bucket in the window. Below the least count nothing is known. */
function judgeQuantile(bounds: readonly number[], counts: readonly number[], c: QuantileCondition): Outcome {
  if (counts.reduce((sum, n) => sum + n, 0) < c.minCount) return UNKNOWN;
  return judgeComparison(quantileOf(c.quantile, bounds, counts), c);
}

export const quantile: RuleKind<QuantileCondition, typeof keys> = {
  kind: "quantile",
  doc: "A quantile of a histogram's observations in the window is beyond a threshold.",
  keys,
  selects: { histogram: "histogram" },
  make: ({ histogram, quantile, window: windowMs, op = ">", value, min_count: minCount = 1 }) => ({
    kind: "quantile",
    histogram,
    quantile,
    windowMs,
    op,
    value,
    minCount,
  }),
  number: comparedNumber(),
  reads: ({ histogram }) => [{ selector: histogram, type: "histogram" }],
  follows: ({ histogram, windowMs }) => [{ selector: histogram, windowsMs: [windowMs] }],
  bind({ histogram, windowMs }, layout) {
    const bounds = layout.bucketsOf(histogram);
    const cells = bounds.length + 1;
    return layout.each(histogram, (group) => {
      const offset = layout.windowAt(histogram, group, windowMs);
      if (offset === undefined) return { judge: () => UNKNOWN };
      return {
        judge: ({ windows }, c) => judgeQuantile(bounds, Array.from(windows.subarray(offset, offset + cells)), c),
      };
    });
  },
  promql({ histogram, quantile, windowMs, op, value, minCount }, { by, buckets, orKept }) {
    const found = `histogram_quantile(${quantile}, sum by (le, ${by}) (${buckets(histogram, windowMs)}))`;
    const count = `sum by (${by}) (${buckets(histogram, windowMs, [INFINITE])})`;
    return orKept(`${found} ${op} ${value} and ${count} >= ${minCount}`, found, `${count} < ${minCount}`);
  },
  example: {
    keys: { value: 2 },
    condition: {
      kind: "quantile",
      histogram: { family: "zako_v1_probe_duration_seconds" },
      quantile: 0.95,
      windowMs: 900_000,
      op: ">",
      value: 2,
      minCount: 1,
    },
    // Its bounds: 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 s.
    outcomes: [
      { seen: "holds", within: { zako_v1_probe_duration_seconds: [[0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0]] } },
      { seen: "fails", within: { zako_v1_probe_duration_seconds: [[0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]] } },
      { seen: "unknown", within: { zako_v1_probe_duration_seconds: [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] } },
    ],
  },
};
