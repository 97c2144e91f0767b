import { type Failure, failure } from "../model/failure.ts";
import type { Outcome, Step } from "../model/sample.ts";

/** What a run's steps come to, with the reason where it is not `ok`. */
export type Judgement =
  | { outcome: Extract<Outcome, "ok">; recovers?: false }
  | { outcome: Exclude<Outcome, "ok" | "blocked">; failure: Failure };

/**
 * Judges a run by its steps: the first that failed decides, minor steps only degrade, and a run in which nothing could be
 * judged is skipped. `unproven` is the reason why a run that went well proves nothing.
 */
export function judge(steps: readonly Step[], minorSteps: readonly string[], unproven: Failure | undefined): Judgement {
  const broken = steps.filter((step) => step.outcome === "failed");
  const major = broken.find((step) => !minorSteps.includes(step.name));
  if (major !== undefined) return { outcome: "failed", failure: causeOf(major) };
  const [minor] = broken;
  if (minor !== undefined) return { outcome: "degraded", failure: causeOf(minor) };
  if (unproven !== undefined) return { outcome: "skipped", failure: unproven };
  if (steps.some((step) => step.outcome === "ok")) return { outcome: "ok" };
  const [first] = steps;
  // A kind that asked nothing and says nothing is a bug, and must not look like health.
  return first === undefined
    ? { outcome: "failed", failure: failure("internal", true) }
    : { outcome: "skipped", failure: causeOf(first) };
}

const causeOf = (step: Step): Failure => step.failure ?? failure("internal", true);

/** A run that went well, as `degraded` where it took longer than `degraded_after` allows; absent: never. */
export function slowed(judgement: Judgement, durationMs: number, degradedAfterMs: number | undefined): Judgement {
  if (judgement.outcome !== "ok" || degradedAfterMs === undefined || durationMs <= degradedAfterMs) return judgement;
  const message = `took ${durationMs} ms, more than the ${degradedAfterMs} ms of degraded_after`;
  return { outcome: "degraded", failure: failure("slow", true, { message }) };
}
