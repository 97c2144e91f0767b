import type { ProbeTask } from "../model/probing/probe-task.ts";
import { foundNoServer, type Sample } from "../model/probing/sample.ts";

/** Whether a root did not reach the server. The rest of its group would only fail the same way, or time out. */
export const blocksRest = (root: Sample): boolean => root.steps.length > 0 && foundNoServer(root);

/** The sample of a task that is not run because its group's root did not reach the server. */
export function blockedBy(root: Sample, task: ProbeTask, now: number): Sample {
  const cause = root.failure;
  const what = cause?.answered === true ? "did not reach the server" : "got no answer";
  return {
    target: task.target.name,
    probe: task.plan.kind,
    vantage: task.vantage,
    slot: task.slot,
    attempt: task.attempt,
    startedAt: now,
    durationMs: 0,
    outcome: "blocked",
    ...(cause === undefined
      ? {}
      : { failure: { ...cause, message: `not run because ${root.probe} ${what}: ${cause.message}` } }),
    steps: [],
    observations: [],
    traceId: root.traceId,
  };
}
