import type { Comparison, Condition } from "../../model/rule.ts";
import { STATES } from "../../model/verdict.ts";
import type { Seen } from "./alert-state.ts";
import { quantileOf } from "./quantile.ts";

/** What a condition says of a group; `value` is the alert's `$value`. */
export interface Outcome {
  seen: Seen;
  value: number;
  /** It fails for want of any knowledge: whoever took the alert over from another cannot say yet that it is over. */
  unsure?: true;
}

type Of<Kind extends Condition["kind"]> = Extract<Condition, { kind: Kind }>;

const FAILS: Outcome = { seen: "fails", value: Number.NaN };
const UNKNOWN: Outcome = { seen: "unknown", value: Number.NaN };
const judged = (holds: boolean, value: number): Outcome => (holds ? { seen: "holds", value } : FAILS);

/** Whether a number lies on the side of the limit that a rule warns of; NaN lies on neither. */
export function compare(value: number, op: Comparison, limit: number): boolean {
  switch (op) {
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
  }
}

export const judgeThreshold = (value: number, c: Of<"threshold">): Outcome =>
  judged(compare(value, c.op, c.value), value);

export function judgeQuotient(numerator: number, denominator: number, c: Of<"quotient">): Outcome {
  if (!(denominator > 0)) return FAILS;
  const value = numerator / denominator;
  return judged(compare(value, c.op, c.value), value);
}

/** `numerator` and `denominator` counted in the window. Below the least count nothing is known. */
export function judgeRatio(numerator: number, denominator: number, c: Of<"ratio">): Outcome {
  if (denominator < c.minCount) return UNKNOWN;
  const value = numerator / denominator;
  return judged(compare(value, c.op, c.value), value);
}

/** Observations per bucket in the window. */
export function judgeQuantile(bounds: readonly number[], counts: readonly number[], c: Of<"quantile">): Outcome {
  if (counts.reduce((sum, n) => sum + n, 0) < c.minCount) return UNKNOWN;
  const value = quantileOf(c.quantile, bounds, counts);
  return judged(compare(value, c.op, c.value), value);
}

/** `before`: the gauge one window ago, NaN if it had no value then. */
export function judgeGrowth(now: number, before: number, c: Of<"growth">): Outcome {
  const value = now - before;
  return judged(compare(value, c.op, c.value) && now > c.floor, value);
}

export const judgeRate = (difference: number, c: Of<"rate">): Outcome =>
  judged(compare(difference, c.op, c.value), difference);

/** What was counted in both windows of a row. */
export interface BurnCounts {
  longErrors: number;
  longTotal: number;
  shortErrors: number;
  shortTotal: number;
}

/** `rows` go with the condition's windows. Where nothing ran in a short window, nothing is known. */
export function judgeBurn(rows: readonly BurnCounts[], c: Of<"burn">): Outcome {
  const budget = 1 - c.objective;
  for (const [i, { factor, minFailures }] of c.windows.entries()) {
    const row = rows[i] as BurnCounts;
    const long = row.longErrors / row.longTotal;
    const limit = factor * budget;
    if (long > limit && row.shortErrors / row.shortTotal > limit && row.longErrors >= minFailures)
      return { seen: "holds", value: long };
  }
  return rows.some((row) => row.shortTotal === 0) ? UNKNOWN : FAILS;
}

/** `timestamp` in seconds, `now` epoch ms; the value is the age in seconds. */
export function judgeStaleness(timestamp: number, now: number, c: Of<"staleness">): Outcome {
  const value = now / 1000 - timestamp;
  return judged(value > c.olderThanMs / 1000, value);
}

/** `down` is read from the open incident; of the other states `unknown` says nothing. */
export function judgeVerdict(state: number, incidentOpen: number, c: Of<"verdict">): Outcome {
  if (c.state === "down")
    return incidentOpen !== 1 && STATES[state] === "unknown"
      ? { ...FAILS, unsure: true }
      : judged(incidentOpen === 1, 1);
  if (STATES[state] === c.state) return { seen: "holds", value: 1 };
  return STATES[state] === "unknown" ? UNKNOWN : FAILS;
}

/** The value is the distance, in the gauge's own unit. */
export function judgeAnomaly(value: number, mean: number, deviation: number, c: Of<"anomaly">): Outcome {
  const distance = Math.abs(value - mean);
  return judged(distance > c.deviations * deviation, distance);
}

/** The condition with another number in the place that overrides name. */
export function withValue(condition: Condition, value: number): Condition {
  switch (condition.kind) {
    case "anomaly":
      return { ...condition, deviations: value };
    case "burn":
      return { ...condition, objective: value };
    case "staleness":
      return { ...condition, olderThanMs: value };
    case "verdict":
      return condition;
    default:
      return { ...condition, value };
  }
}
