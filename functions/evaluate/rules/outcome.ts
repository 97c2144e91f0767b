import type { Comparison } from "../../model/alerting/rule.ts";
import type { Seen } from "./alert-state.ts";

/** Result of a condition for a group; `value` is the alert's `$value`. */
export interface Outcome {
  seen: Seen;
  value: number;
  /** It fails because nothing is known yet: an alert taken over from another owner must not be resolved. */
  unsure?: true;
}

export const FAILS: Outcome = { seen: "fails", value: Number.NaN };
export const UNKNOWN: Outcome = { seen: "unknown", value: Number.NaN };

/** Holds with a value, or fails. */
export const judged = (holds: boolean, value: number): Outcome => (holds ? { seen: "holds", value } : FAILS);

/** Whether a number is beyond the threshold; NaN never is. */
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
