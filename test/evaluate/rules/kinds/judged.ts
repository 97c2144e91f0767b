import { expect, it } from "vitest";
import type { Outcome } from "../../../../functions/evaluate/rules/outcome.ts";

/** A name, what a kind says of some numbers, and what it should say; the value is NaN where nothing holds. */
export type Case = [name: string, outcome: Outcome, seen: Outcome["seen"], value?: number];

/** A test for each case. */
export const itJudges = (cases: readonly Case[]): void =>
  it.each(cases)("%s", (_name, outcome, seen, value = Number.NaN) => expect(outcome).toEqual({ seen, value }));
