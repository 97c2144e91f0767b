import type { AnyCondition } from "../../model/alerting/rule.ts";
import { kindOf } from "./kinds/registry.ts";
import type { BaselineSource, SeriesFollowed, SeriesRead } from "./rule-kind.ts";

/** Everything that a condition reads, the main series first. */
export const readsOf = (condition: AnyCondition): readonly SeriesRead[] => kindOf(condition).reads(condition);

/** What a condition follows over time, and over which windows in ms. */
export const followed = (condition: AnyCondition): readonly SeriesFollowed[] =>
  kindOf(condition).follows?.(condition) ?? [];

/** What a condition learns; undefined where that is nothing. */
export const baselineOf = (condition: AnyCondition): BaselineSource | undefined =>
  kindOf(condition).baseline?.(condition);

/** The condition with another number in the place that overrides name; unchanged where its kind has none. */
export const withNumber = (condition: AnyCondition, number: number): AnyCondition =>
  kindOf(condition).number?.replace(condition, number) ?? condition;

/** Why a condition could never hold with its number, if so: a predicate of the number. */
export const numberProblem = (condition: AnyCondition): string | undefined =>
  kindOf(condition).number?.problem?.(condition);

/** A condition's number as users write it; empty where its kind has none. */
export const numberText = (condition: AnyCondition): string => kindOf(condition).number?.text(condition) ?? "";
