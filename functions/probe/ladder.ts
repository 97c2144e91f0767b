import type { Order } from "../model/order.ts";
import type { Sample } from "../model/sample.ts";

/** Reasons that mean that nobody is there, for whatever is asked next. */
const SILENCES: ReadonlySet<string> = new Set(["dns", "connect", "tls", "timeout", "edge"]);

/** Whether a root got no answer at all: then the rest of its ladder would only wait for deadlines. */
export const gotNoAnswer = ({ outcome, steps }: Sample): boolean =>
  outcome === "failed" &&
  steps.length > 0 &&
  steps.every(({ failure }) => failure !== undefined && !failure.answered && SILENCES.has(failure.reason));

/** The sample of an order that is left out because its ladder's root got no answer. */
export function blockedBy(root: Sample, order: Order, now: number): Sample {
  const cause = root.failure;
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
      : { failure: { ...cause, message: `not asked, since ${root.probe} got no answer: ${cause.message}` } }),
    steps: [],
    observations: [],
    traceId: root.traceId,
  };
}
