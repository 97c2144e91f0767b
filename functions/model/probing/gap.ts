import type { Reason } from "./failure.ts";
import type { Sample } from "./sample.ts";

/**
 * Why a due run has no vote through a fault of the prober. `no_result`: its slot had no room for it, or its prober did not
 * answer. The others are reasons of samples.
 */
const GAP_REASONS = ["no_result", "internal", "over_budget", "platform_limit", "binding_missing"] as const;

export type GapReason = (typeof GAP_REASONS)[number];

/** Whether a reason blames the prober and not the target. */
export const isOwnFault = (reason: Reason | undefined): reason is Exclude<GapReason, "no_result"> & Reason =>
  reason === "internal" || reason === "over_budget" || reason === "platform_limit" || reason === "binding_missing";

/** Why a sample is a gap; undefined if it says something about its target. */
export function gapReasonOf({ outcome, failure }: Pick<Sample, "outcome" | "failure">): GapReason | undefined {
  if (outcome !== "failed" && outcome !== "skipped") return undefined;
  return isOwnFault(failure?.reason) ? failure.reason : undefined;
}
