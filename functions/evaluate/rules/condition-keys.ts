import * as z from "zod";
import { formatDuration } from "../../lib/duration.ts";
import { durationText, optional, required, wholeNumber } from "../../lib/leaf.ts";
import { MINUTE_MS } from "../../lib/time-units.ts";
import { type AnyCondition, type Comparison, MAX_WINDOW_MS } from "../../model/alerting/rule.ts";
import { compare, judged, type Outcome } from "./outcome.ts";
import type { ConditionProblem, RuleThreshold } from "./rule-kind.ts";
import { selectorText } from "./selector-text.ts";

/** A window over which Monitors keep what was counted: whole minutes. */
export const windowText = durationText((ms) => {
  if (ms < MINUTE_MS) return "is too short; give at least 1m";
  if (ms > MAX_WINDOW_MS) return `is too long; give at most ${formatDuration(MAX_WINDOW_MS)}`;
  if (ms % MINUTE_MS === 0) return undefined;
  const below = ms - (ms % MINUTE_MS);
  return `is not a whole number of minutes; give ${formatDuration(below)} or ${formatDuration(below + MINUTE_MS)}`;
});

/** A number above 0. */
export const positive = z.number().refine((value) => value > 0, "is not above 0; give a larger number");

/** A minimum count; default 1. */
export const leastCount = (description: string) => optional(wholeNumber(1, 1_000_000), { description, default: 1 });

/** A key that selects series. */
export const selects = (description: string, example: string) => required(selectorText, { description, example });

/** A key for the lookback window. */
export const windowKey = required(windowText, {
  description: "Lookback window, in whole minutes.",
  example: "15m",
});

/** A second, shorter window, with what must be true in it. */
export const shortWindowKey = (holds: string) =>
  optional(windowText, {
    description: `A shorter window in which ${holds}, so that an alert ends soon after its cause. None: the one window decides.`,
    example: "5m",
  });

/** What is wrong with a short window, if anything. */
export const shortWindowProblems = ({ windowMs = 0, shortWindowMs = 0 }: ShortWindowed): ConditionProblem[] =>
  shortWindowMs < windowMs
    ? []
    : [{ path: ["short_window"], message: "is not shorter than `window`; give a shorter window" }];

/** The windows of a condition that may have a short one. */
export const windowsOf = ({ windowMs = 0, shortWindowMs }: ShortWindowed): number[] =>
  shortWindowMs === undefined ? [windowMs] : [windowMs, shortWindowMs];

/** A condition that may have a short window, too. */
export interface ShortWindowed extends AnyCondition {
  shortWindowMs?: number;
}

/** The minimum count in the window, for kinds that need one. */
export const minCountKey = leastCount("Minimum count in the window. Below it, the result is unknown.");

const NOT_A_COMPARISON = 'is not a comparison; write ">", ">=", "<" or "<=", in quotes';

/** Keys of kinds with a threshold. */
export const comparisonKeys = {
  op: optional(z.enum([">", ">=", "<", "<="], { error: NOT_A_COMPARISON }), {
    description: "Comparison with the threshold.",
    default: ">",
  }),
  value: required(z.number(), { description: "The threshold, in the base unit.", example: 10 }),
};

/** A condition with a threshold. */
export interface Comparing extends AnyCondition {
  op: Comparison;
  value: number;
}

/** Result of a comparison. */
export const judgeComparison = (value: number, { op, value: limit }: Comparing): Outcome =>
  judged(compare(value, op, limit), value);

/** The threshold of a kind that has one. */
export const comparedNumber = <C extends Comparing>(): RuleThreshold<C> => ({
  key: "value",
  doc: "the threshold",
  schema: z.number(),
  text: ({ value }) => `${value}`,
  replace: (condition, value) => ({ ...condition, value }),
});
