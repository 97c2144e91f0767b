import type { Selector } from "../../../model/alerting/rule.ts";
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
import { type Gated, gated, gateReads, promqlGated } from "../failing-gate.ts";
import { FAILS, type Outcome, UNKNOWN } from "../outcome.ts";
import type { RuleKind } from "../rule-kind.ts";

/**
 * Difference of one counter over that of another; `minCount`: the least denominator that says anything. In the short
 * window the numerator must have grown.
 */
export interface RatioCondition extends Comparing, ShortWindowed, Gated {
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
  short_window: shortWindowKey("the numerator must have grown, too"),
  op,
  value,
  min_count: minCountKey,
};

/** What was counted in the window, and in the short one where there is one. */
interface RatioCounts {
  part: number;
  whole: number;
  shortPart?: number;
  shortWhole?: number;
}

/**
 * Below the least count nothing is known, nor where nothing was counted in the short window. What was counted there
 * without the numerator growing shows that it is over.
 */
function judgeRatio({ part, whole, shortPart, shortWhole = 0 }: RatioCounts, c: RatioCondition): Outcome {
  if (shortPart !== undefined && !(shortPart > 0)) return shortWhole > 0 ? FAILS : UNKNOWN;
  return whole < c.minCount ? UNKNOWN : judgeComparison(part / whole, c);
}

export const ratio: RuleKind<RatioCondition, typeof keys> = {
  kind: "ratio",
  doc: "One counter's increase divided by another's is beyond a threshold.",
  keys,
  selects: { numerator: "counter", denominator: "counter" },
  make(found) {
    const { numerator, denominator, window: windowMs, short_window: shortWindowMs } = found;
    const { op = ">", value, min_count: minCount = 1 } = found;
    const short = shortWindowMs === undefined ? {} : { shortWindowMs };
    return { kind: "ratio", numerator, denominator, windowMs, ...short, op, value, minCount };
  },
  problems: shortWindowProblems,
  number: comparedNumber(),
  reads: (condition) => [
    { selector: condition.numerator, type: "counter" },
    { selector: condition.denominator, type: "counter" },
    ...gateReads(condition),
  ],
  follows: (condition) => [
    { selector: condition.numerator, windowsMs: windowsOf(condition) },
    { selector: condition.denominator, windowsMs: windowsOf(condition) },
  ],
  bind(condition, layout) {
    const { numerator, denominator, windowMs, shortWindowMs } = condition;
    const others = new Set(layout.groups(denominator).map(({ text }) => text));
    const behindGate = gated<RatioCondition>(condition, layout);
    return layout
      .each<RatioCondition>(numerator, (group) => {
        const part = layout.windowOf(numerator, group, windowMs);
        const whole = layout.windowOf(denominator, group, windowMs);
        if (shortWindowMs === undefined)
          return {
            judge: behindGate(group.text, ({ windows }, c) =>
              judgeRatio({ part: part(windows), whole: whole(windows) }, c),
            ),
          };
        const shortPart = layout.windowOf(numerator, group, shortWindowMs);
        const shortWhole = layout.windowOf(denominator, group, shortWindowMs);
        return {
          judge: behindGate(group.text, ({ windows }, c) =>
            judgeRatio(
              {
                part: part(windows),
                whole: whole(windows),
                shortPart: shortPart(windows),
                shortWhole: shortWhole(windows),
              },
              c,
            ),
          ),
        };
      })
      .filter(({ text }) => others.has(text));
  },
  promql(condition, terms) {
    const { numerator, denominator, windowMs, shortWindowMs, op, value, minCount } = condition;
    const { difference, orKept } = terms;
    const [part, whole] = [difference(numerator, windowMs), difference(denominator, windowMs)];
    const share = `${part} / ${whole}`;
    const beyond = `${share} ${op} ${value} and ${whole} >= ${minCount}`;
    const tooFew = `${whole} < ${minCount}`;
    if (shortWindowMs === undefined) return promqlGated(orKept(beyond, share, tooFew), condition, terms);
    const [shortPart, shortWhole] = [difference(numerator, shortWindowMs), difference(denominator, shortWindowMs)];
    const unknown = `(${tooFew} and ${shortPart} > 0) or (${shortWhole} == 0 and ${shortPart} == 0)`;
    return promqlGated(orKept(`${beyond} and ${shortPart} > 0`, share, unknown), condition, terms);
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
