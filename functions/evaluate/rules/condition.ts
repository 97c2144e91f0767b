import type { AnyCondition } from "../../model/alerting/rule.ts";
import { kindOf } from "./kinds/registry.ts";
import type { BaselineSource, SeriesFollowed, SeriesRead } from "./rule-kind.ts";

/** Everything that a condition reads, main series first. */
export const readsOf = (condition: AnyCondition): readonly SeriesRead[] => kindOf(condition).reads(condition);

/** Below the bucket of this number, buckets of the histogram that it reads do not matter; -Infinity: all matter. */
export const bucketsFrom = (condition: AnyCondition): number =>
  kindOf(condition).bucketsFrom?.(condition) ?? Number.NEGATIVE_INFINITY;

/** Series that a condition needs over windows, with the windows in ms. */
export const followed = (condition: AnyCondition): readonly SeriesFollowed[] =>
  kindOf(condition).follows?.(condition) ?? [];

/** What a condition learns; undefined if nothing. */
export const baselineOf = (condition: AnyCondition): BaselineSource | undefined =>
  kindOf(condition).baseline?.(condition);

/** The condition with another threshold; unchanged if its kind has none. */
export const withNumber = (condition: AnyCondition, number: number): AnyCondition =>
  kindOf(condition).number?.replace(condition, number) ?? condition;

/** Why a condition could never hold with its threshold, as a predicate; undefined if it could. */
export const numberProblem = (condition: AnyCondition): string | undefined =>
  kindOf(condition).number?.problem?.(condition);

/** A condition's threshold as users write it; empty if its kind has none. */
export const numberText = (condition: AnyCondition): string => kindOf(condition).number?.text(condition) ?? "";
