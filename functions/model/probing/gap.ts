import type { Reason } from "./failure.ts";
import type { Sample } from "./sample.ts";

/**
 * Why a run that was due has no vote through the prober's own fault. `no_result`: it found no room in its slot, or its
 * prober gave no answer. The others are reasons of samples.
 */
const GAP_REASONS = ["no_result", "internal", "over_budget", "platform_limit"] as const;

export type GapReason = (typeof GAP_REASONS)[number];

/** Whether a reason blames the prober and not the target. */
export const isOwnFault = (reason: Reason | undefined): reason is Exclude<GapReason, "no_result"> & Reason =>
  reason === "internal" || reason === "over_budget" || reason === "platform_limit";

/** Why a sample is a gap; undefined for one that says something of its target. */
export function gapReasonOf({ outcome, failure }: Pick<Sample, "outcome" | "failure">): GapReason | undefined {
  if (outcome !== "failed" && outcome !== "skipped") return undefined;
  return isOwnFault(failure?.reason) ? failure.reason : undefined;
}
