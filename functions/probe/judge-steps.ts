import { type Failure, failure } from "../model/probing/failure.ts";
import { isOwnFault } from "../model/probing/gap.ts";
import type { Outcome, Step } from "../model/probing/sample.ts";

/** What a run's steps come to, with the reason where it is not `ok`. */
export type Judgement =
  | { outcome: Extract<Outcome, "ok">; recovers?: false }
  | { outcome: Exclude<Outcome, "ok" | "blocked">; failure: Failure };

/**
 * Judges a run by its steps: the first that failed decides, minor steps only degrade, and a run in which nothing could be
 * judged is skipped. What broke through the prober's own fault blames no target: it skips the run, and a minor step is
 * left out. `unproven` is the reason why a run that went well proves nothing.
 */
export function judge(steps: readonly Step[], minorSteps: readonly string[], unproven: Failure | undefined): Judgement {
  const failed = steps.filter((step) => step.outcome === "failed");
  const isMajor = (step: Step): boolean => !minorSteps.includes(step.name);
  const broken = failed.filter((step) => !isOwnFault(causeOf(step).reason));
  const major = broken.find(isMajor);
  if (major !== undefined) return { outcome: "failed", failure: causeOf(major) };
  const own = failed.find(isMajor);
  if (own !== undefined) return { outcome: "skipped", failure: causeOf(own) };
  const [minor] = broken;
  if (minor !== undefined) return { outcome: "degraded", failure: causeOf(minor) };
  if (unproven !== undefined) return { outcome: "skipped", failure: unproven };
  if (steps.some((step) => step.outcome === "ok")) return { outcome: "ok" };
  const [first] = steps;
  // A kind that asked nothing and says nothing is a bug, and must not look like health.
  return first === undefined
    ? { outcome: "skipped", failure: failure("internal", true) }
    : { outcome: "skipped", failure: causeOf(first) };
}

const causeOf = (step: Step): Failure => step.failure ?? failure("internal", true);

/** A run that went well, as `degraded` where it took longer than `degraded_after` allows; absent: never. */
export function slowed(judgement: Judgement, durationMs: number, degradedAfterMs: number | undefined): Judgement {
  if (judgement.outcome !== "ok" || degradedAfterMs === undefined || durationMs <= degradedAfterMs) return judgement;
  const message = `took ${durationMs} ms, more than the ${degradedAfterMs} ms of degraded_after`;
  return { outcome: "degraded", failure: failure("slow", true, { message }) };
}
