import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { ProbeKind } from "../../../functions/probe/kind.ts";
import type { Answer } from "./fault.ts";

/** Where connections are lost: two calls that do not depend on each other are made, each twice; but for these kinds. */
const CALLS_LOST: Readonly<Record<string, number>> = {
  "transport.upload": 1,
  "transport.journey": 5,
  "transport.negative": 10,
};

/**
 * Calls that a run makes. What the real kinds make against the reference Zako is counted by
 * `test/probe/kinds/calls-made.test.ts`, with which this agrees.
 */
export function callsOf({ role, plan }: ProbeTask, kind: ProbeKind, { outcome, reason, answered }: Answer): number {
  const all = role === "follower" ? 1 : kind.calls(plan.options);
  if (outcome === "ok" || outcome === "degraded") return all;
  if (all === 0) return 0;
  if (answered !== true) return reason === "connect" ? (CALLS_LOST[kind.kind] ?? 2 * Math.min(2, all)) : 1;
  return outcome === "skipped" ? Math.min(2, all) : all;
}
