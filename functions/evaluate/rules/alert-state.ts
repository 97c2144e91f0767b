/**
 * Result of evaluating a group. `unknown`: too little data; it starts no alert and ends none.
 */
export type Seen = "holds" | "fails" | "unknown";

/** Stored state of a group whose condition holds or held recently. Slots, epoch ms. */
export interface AlertState {
  /** Since when the condition has held without interruption. */
  activeSince: number;
  /** Since when it is firing; absent while pending. */
  firingSince?: number;
  /** Since when the condition has failed while the alert keeps firing. */
  falseSince?: number;
}

/** A rule's `for` and `keep_firing_for`. */
export interface Patience {
  forMs: number;
  keepFiringForMs: number;
}

/** The state after an evaluation, and the change; no state: nothing to store. */
export type AlertStep =
  | { change: "none" | "pending" | "firing"; state: AlertState }
  | { change: "resolved" | "dropped" | "none"; state?: undefined };

/**
 * One evaluation of one group at `at`, as in Prometheus: a pending alert is dropped as soon as its condition fails; a firing
 * alert keeps firing for `keepFiringForMs` after the first failure since the last success. Time without evaluations
 * (`gapMs` before this one) is not a sign of recovery and does not count towards that. If the condition holds before and
 * after the gap, it is assumed to have held in between.
 */
export function stepAlert(
  state: AlertState | undefined,
  seen: Seen,
  at: number,
  patience: Patience,
  gapMs = 0,
): AlertStep {
  const firing = state?.firingSince !== undefined;
  if (seen === "holds" || (seen === "unknown" && firing)) {
    const activeSince = state?.activeSince ?? at;
    if (firing) return { change: "none", state: { activeSince, firingSince: state.firingSince as number } };
    if (at - activeSince >= patience.forMs) return { change: "firing", state: { activeSince, firingSince: at } };
    return { change: state === undefined ? "pending" : "none", state: { activeSince } };
  }
  if (state === undefined) return { change: "none" };
  if (!firing) return { change: "dropped" };
  const falseSince = state.falseSince === undefined ? at : state.falseSince + gapMs;
  if (at - falseSince < patience.keepFiringForMs) return { change: "none", state: { ...state, falseSince } };
  return { change: "resolved" };
}
