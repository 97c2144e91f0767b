import type { Order } from "../model/order.ts";
import { foundNoServer, type Sample } from "../model/sample.ts";

/** Whether a root found that no server is there: then the rest of its group would only find the same, or wait for it. */
export const blocksRest = (root: Sample): boolean => root.steps.length > 0 && foundNoServer(root);

/** The sample of an order that is left out because its group's root found no server. */
export function blockedBy(root: Sample, order: Order, now: number): Sample {
  const cause = root.failure;
  const what = cause?.answered === true ? "found no server" : "got no answer";
  return {
    target: order.target.name,
    probe: order.plan.kind,
    vantage: order.vantage,
    slot: order.slot,
    attempt: order.attempt,
    startedAt: now,
    durationMs: 0,
    outcome: "blocked",
    ...(cause === undefined
      ? {}
      : { failure: { ...cause, message: `not asked, since ${root.probe} ${what}: ${cause.message}` } }),
    steps: [],
    observations: [],
    traceId: root.traceId,
  };
}
