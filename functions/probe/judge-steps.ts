import { type Failure, failure } from "../model/probing/failure.ts";
import { isOwnFault } from "../model/probing/gap.ts";
import type { Outcome, Step } from "../model/probing/sample.ts";

/** Outcome of a run, with the reason if it is not `ok`. */
export type Judgement =
  | { outcome: Extract<Outcome, "ok">; recovers?: false }
  | { outcome: Exclude<Outcome, "ok" | "blocked">; failure: Failure };

/**
 * Judges a run by its steps: the first failed step decides, minor steps only degrade the run, and a run without any judged
 * step is skipped. A fault of the prober never blames the target: it skips the run, or is ignored in a minor step.
 * `unproven` is the reason why a successful run proves nothing.
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
  // A kind that reported no steps is a bug, and must not look healthy.
  return first === undefined
    ? { outcome: "skipped", failure: failure("internal", true) }
    : { outcome: "skipped", failure: causeOf(first) };
}

const causeOf = (step: Step): Failure => step.failure ?? failure("internal", true);

/** A successful run, or `degraded` if it took longer than `degraded_after`; absent: no limit. */
export function slowed(judgement: Judgement, durationMs: number, degradedAfterMs: number | undefined): Judgement {
  if (judgement.outcome !== "ok" || degradedAfterMs === undefined || durationMs <= degradedAfterMs) return judgement;
  const message = `took ${durationMs} ms, more than the ${degradedAfterMs} ms of degraded_after`;
  return { outcome: "degraded", failure: failure("slow", true, { message }) };
}
