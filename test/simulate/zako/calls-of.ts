import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { ProbeKind } from "../../../functions/probe/kind.ts";
import type { Answer } from "./fault.ts";

/** Sent once, whatever becomes of it. */
const NEVER_AGAIN: ReadonlySet<string> = new Set(["transport.upload", "transport.journey"]);
/** Kinds that make their calls side by side: each of them fails by itself. */
const SIDE_BY_SIDE: ReadonlySet<string> = new Set(["cas.details", "worker.submit", "worker.gc"]);

/**
 * Calls that a run makes. What the real kinds make against the reference Zako is counted by
 * `test/probe/kinds/calls-made.test.ts`, with which this agrees.
 */
export function callsOf({ role, plan }: ProbeTask, kind: ProbeKind, { outcome, reason, answered }: Answer): number {
  const all = role === "follower" ? 1 : kind.calls(plan.options);
  if (outcome === "ok" || outcome === "degraded") return all;
  if (all === 0) return 0;
  const first = SIDE_BY_SIDE.has(kind.kind) ? all : 1;
  // A lost connection is tried once more.
  if (outcome === "failed" && answered !== true && reason === "connect")
    return NEVER_AGAIN.has(kind.kind) ? first : 2 * first;
  if (outcome === "skipped" || answered !== true) return first;
  return all;
}
