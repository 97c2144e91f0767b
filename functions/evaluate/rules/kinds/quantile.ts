import * as z from "zod";
import { required } from "../../../lib/leaf.ts";
import type { Matcher } from "../../../model/alerting/matcher.ts";
import type { Selector } from "../../../model/alerting/rule.ts";
import { coarseBound, coarseBoundPromql } from "../coarse-bound.ts";
import {
  type Comparing,
  comparedNumber,
  comparisonKeys,
  judgeComparison,
  minCountKey,
  type ShortWindowed,
  selects,
  shortWindowKey,
  shortWindowProblems,
  windowKey,
  windowsOf,
} from "../condition-keys.ts";
import { type Outcome, UNKNOWN } from "../outcome.ts";
import { quantileOf } from "../quantile.ts";
import type { RuleKind } from "../rule-kind.ts";

/**
 * A quantile (0 to 1) of a histogram's observations in the window, interpolated as `histogram_quantile` does. That of the
 * short window must be beyond the number, too.
 */
export interface QuantileCondition extends Comparing, ShortWindowed {
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
  short_window: shortWindowKey("the quantile must be beyond the number, too"),
  op,
  value,
  min_count: minCountKey,
};

const INFINITE: Matcher = { name: "le", op: "=", value: "+Inf" };

const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0);

/** Observations per bucket of ours. */
interface Observed {
  bounds: readonly number[];
  /** In the window. */
  counts: readonly number[];
  /** In the short one. */
  latest: readonly number[];
  /** Up to here, a quantile above the threshold may be below it as well: targets report coarser buckets. */
  coarseTo: number;
}

/** Coarse buckets only make values look higher. */
const asksForHigh = ({ op }: QuantileCondition): boolean => op === ">" || op === ">=";

/**
 * Below the least count nothing is known, nor where nothing was observed in the short window, nor where the quantile is in a
 * bucket that is too wide to say.
 */
function judgeQuantile({ bounds, counts, latest, coarseTo }: Observed, c: QuantileCondition): Outcome {
  if (sum(counts) < c.minCount || sum(latest) === 0) return UNKNOWN;
  const judge = (of: readonly number[]): Outcome => {
    const found = quantileOf(c.quantile, bounds, of);
    const outcome = judgeComparison(found, c);
    return outcome.seen === "holds" && asksForHigh(c) && found <= coarseTo ? UNKNOWN : outcome;
  };
  const lately = judge(latest);
  return lately.seen === "holds" ? judge(counts) : lately;
}

export const quantile: RuleKind<QuantileCondition, typeof keys> = {
  kind: "quantile",
  doc: "A quantile of a histogram's observations in the window is beyond a threshold.",
  keys,
  selects: { histogram: "histogram" },
  make(found) {
    const { histogram, quantile, window: windowMs, short_window: shortWindowMs } = found;
    const { op = ">", value, min_count: minCount = 1 } = found;
    const short = shortWindowMs === undefined ? {} : { shortWindowMs };
    return { kind: "quantile", histogram, quantile, windowMs, ...short, op, value, minCount };
  },
  problems: shortWindowProblems,
  number: comparedNumber(),
  reads: ({ histogram }) => [{ selector: histogram, type: "histogram" }],
  bucketsFrom: ({ value }) => value,
  follows: (condition) => [{ selector: condition.histogram, windowsMs: windowsOf(condition) }],
  bind({ histogram, windowMs, shortWindowMs = windowMs }, layout) {
    const bounds = layout.bucketsOf(histogram);
    const cells = bounds.length + 1;
    return layout.each(histogram, (group) => {
      const offset = layout.windowAt(histogram, group, windowMs);
      const latest = layout.windowAt(histogram, group, shortWindowMs);
      if (offset === undefined || latest === undefined) return { judge: () => UNKNOWN };
      const coarseTo = coarseBound(layout, histogram, group);
      const countsAt = (windows: Float64Array, at: number): number[] => Array.from(windows.subarray(at, at + cells));
      return {
        judge: ({ values, windows }, c) =>
          judgeQuantile(
            {
              bounds,
              counts: countsAt(windows, offset),
              latest: countsAt(windows, latest),
              coarseTo: coarseTo(values, c.value),
            },
            c,
          ),
      };
    });
  },
  promql(condition, { by, buckets, orKept }) {
    const { histogram, quantile, windowMs, shortWindowMs, op, value, minCount } = condition;
    const found = (ms: number): string =>
      `histogram_quantile(${quantile}, sum by (le, ${by}) (${buckets(histogram, ms)}))`;
    const count = (ms: number): string => `sum by (${by}) (${buckets(histogram, ms, [INFINITE])})`;
    const bound = asksForHigh(condition) ? coarseBoundPromql(histogram, value, by.split(", ")) : undefined;
    const above = (ms: number): string => `${found(ms)} ${op} ${value}`;
    /** Above, as far as one can tell. */
    const inDoubt = (ms: number): string =>
      bound === undefined ? "" : `(${above(ms)}) <= on (${bound.on}) group_left () ${bound.expr}`;
    const isAbove = (ms: number): string =>
      bound === undefined ? above(ms) : `(${above(ms)} unless on (${by}) (${inDoubt(ms)}))`;
    const beyond = `${isAbove(windowMs)} and ${count(windowMs)} >= ${minCount}`;
    const tooFew = `${count(windowMs)} < ${minCount}`;
    if (shortWindowMs === undefined) {
      const unknown = bound === undefined ? tooFew : `${tooFew} or (${inDoubt(windowMs)})`;
      return orKept(beyond, found(windowMs), unknown);
    }
    const noneLately = `${tooFew} or ${count(shortWindowMs)} == 0`;
    const doubt = `(${inDoubt(shortWindowMs)}) or (${inDoubt(windowMs)} and ${isAbove(shortWindowMs)})`;
    const unknown = bound === undefined ? noneLately : `${noneLately} or ${doubt}`;
    return orKept(`${beyond} and ${isAbove(shortWindowMs)}`, found(windowMs), unknown);
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
