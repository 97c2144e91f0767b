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
import type { RuleKind } from "../rule-kind.ts";

/** Increase of one counter divided by that of another. `minCount`: minimum denominator for a result. */
export interface RatioCondition extends Comparing {
  kind: "ratio";
  numerator: Selector;
  denominator: Selector;
  windowMs: number;
  minCount: number;
}

const { op, value } = comparisonKeys;
const keys = {
  numerator: selects("What is counted or measured.", "zako_v1_probe_failures_total"),
  denominator: selects("What it is divided by; at 0 the result is unknown.", "zako_v1_probe_attempts_total"),
  window: windowKey,
  op,
  value,
  min_count: minCountKey,
};

/** `numerator` and `denominator` counted in the window. Below the least count nothing is known. */
function judgeRatio(numerator: number, denominator: number, c: RatioCondition): Outcome {
  return denominator < c.minCount ? UNKNOWN : judgeComparison(numerator / denominator, c);
}

export const ratio: RuleKind<RatioCondition, typeof keys> = {
  kind: "ratio",
  doc: "One counter's increase divided by another's is beyond a threshold.",
  keys,
  selects: { numerator: "counter", denominator: "counter" },
  make: ({ numerator, denominator, window: windowMs, op = ">", value, min_count: minCount = 1 }) => ({
    kind: "ratio",
    numerator,
    denominator,
    windowMs,
    op,
    value,
    minCount,
  }),
  number: comparedNumber(),
  reads: ({ numerator, denominator }) => [
    { selector: numerator, type: "counter" },
    { selector: denominator, type: "counter" },
  ],
  follows: ({ numerator, denominator, windowMs }) => [
    { selector: numerator, windowsMs: [windowMs] },
    { selector: denominator, windowsMs: [windowMs] },
  ],
  bind({ numerator, denominator, windowMs }, layout) {
    const others = new Set(layout.groups(denominator).map(({ text }) => text));
    return layout
      .each<RatioCondition>(numerator, (group) => {
        const part = layout.windowOf(numerator, group, windowMs);
        const whole = layout.windowOf(denominator, group, windowMs);
        return { judge: ({ windows }, c) => judgeRatio(part(windows), whole(windows), c) };
      })
      .filter(({ text }) => others.has(text));
  },
  promql({ numerator, denominator, windowMs, op, value, minCount }, { difference, orKept }) {
    const [part, whole] = [difference(numerator, windowMs), difference(denominator, windowMs)];
    const share = `${part} / ${whole}`;
    return orKept(`${share} ${op} ${value} and ${whole} >= ${minCount}`, share, `${whole} < ${minCount}`);
  },
  example: {
    keys: { value: 0.5 },
    condition: {
      kind: "ratio",
      numerator: { family: "zako_v1_probe_failures_total" },
      denominator: { family: "zako_v1_probe_attempts_total" },
      windowMs: 900_000,
      op: ">",
      value: 0.5,
      minCount: 1,
    },
    outcomes: [
      { seen: "holds", within: { zako_v1_probe_failures_total: [[3]], zako_v1_probe_attempts_total: [[4]] } },
      { seen: "fails", within: { zako_v1_probe_failures_total: [[2]], zako_v1_probe_attempts_total: [[4]] } },
      { seen: "unknown", within: { zako_v1_probe_failures_total: [[0]], zako_v1_probe_attempts_total: [[0]] } },
    ],
  },
};
