import { gapReasonOf } from "../../model/probing/gap.ts";
import type { ProbeResult } from "../../model/probing/probe-request.ts";

/**
 * Why a run says nothing of its target; undefined if it does. A server that does not offer what was asked for has answered:
 * for blackbox_exporter, and whoever asks for just this, that is a failure.
 */
export function noResultWhy(result: ProbeResult): string | undefined {
  const { outcome, failure } = result;
  if (gapReasonOf(result) === undefined && outcome !== "blocked")
    if (outcome !== "skipped" || failure?.reason === "rpc_unimplemented") return undefined;
  const hint = failure?.hint === undefined ? "" : ` (${failure.hint})`;
  return `${failure?.reason ?? outcome}: ${failure?.message ?? "the run was not made"}${hint}`;
}
