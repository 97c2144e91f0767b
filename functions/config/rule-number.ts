import * as z from "zod";
import type { Condition } from "../model/rule.ts";
import { formatDuration } from "./duration.ts";
import { durationWithin } from "./leaf.ts";

const YEAR_MS = 365 * 86_400_000;

/** A number above 0. */
export const positive = z.number().refine((value) => value > 0, "is not above 0; give a larger number");
/** A share of good runs. */
export const objective = z
  .number()
  .refine((value) => value > 0 && value < 1, "is no objective; give a share between 0 and 1, such as 0.995");
/** How old a timestamp may become, ms. */
export const age = durationWithin(1_000, YEAR_MS);

/** The number that a kind of rule compares with, as users write it, in the unit of the model; a verdict has none. */
export const RULE_NUMBERS: Readonly<Record<Condition["kind"], z.ZodType<number> | undefined>> = {
  threshold: z.number(),
  quotient: z.number(),
  ratio: z.number(),
  quantile: z.number(),
  growth: z.number(),
  rate: z.number(),
  anomaly: positive,
  burn: objective,
  staleness: age,
  verdict: undefined,
};

/**
 * Why a burn condition could never hold, if so: where a factor times the budget is 1 or more, not even failures alone
 * reach it. A predicate of the objective.
 */
export function unreachable(condition: Extract<Condition, { kind: "burn" }>): string | undefined {
  const budget = 1 - condition.objective;
  const odd = condition.windows.find(({ factor }) => factor * budget >= 1);
  if (odd === undefined) return undefined;
  const least = Math.ceil((1 - 1 / odd.factor) * 1_000 + 1) / 1_000;
  return `is too low: ${odd.factor} times its budget is more than all runs, so the rule could never hold; give ${least} or more, or a smaller factor`;
}

/** A condition's number as users write it; empty for a verdict. */
export function numberText(condition: Condition): string {
  switch (condition.kind) {
    case "anomaly":
      return `${condition.deviations}`;
    case "burn":
      return `${condition.objective}`;
    case "staleness":
      return formatDuration(condition.olderThanMs);
    case "verdict":
      return "";
    default:
      return `${condition.value}`;
  }
}
