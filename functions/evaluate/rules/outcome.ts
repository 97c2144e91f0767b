import type { Comparison } from "../../model/alerting/rule.ts";
import type { Seen } from "./alert-state.ts";

/** What a condition says of a group; `value` is the alert's `$value`. */
export interface Outcome {
  seen: Seen;
  value: number;
  /** It fails for want of any knowledge: whoever took the alert over from another cannot say yet that it is over. */
  unsure?: true;
}

export const FAILS: Outcome = { seen: "fails", value: Number.NaN };
export const UNKNOWN: Outcome = { seen: "unknown", value: Number.NaN };

/** Holds with a value, or fails. */
export const judged = (holds: boolean, value: number): Outcome => (holds ? { seen: "holds", value } : FAILS);

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
