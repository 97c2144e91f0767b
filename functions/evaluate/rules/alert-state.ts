/**
 * What an evaluation says of a group. `unknown`: too little was seen to say anything; it starts no alert and ends none.
 */
export type Seen = "holds" | "fails" | "unknown";

/** What is stored of a group whose condition holds, or held until lately. Slots, epoch ms. */
export interface AlertState {
  /** Since when the condition has held without a break. */
  activeSince: number;
  /** Since when it fires; absent while pending. */
  firingSince?: number;
  /** Since when the condition has failed while it goes on firing. */
  falseSince?: number;
}

/** A rule's patience. */
export interface Patience {
  forMs: number;
  keepFiringForMs: number;
}

/** The state after an evaluation, and what it means for those who watch; no state: nothing to remember. */
export type AlertStep =
  | { change: "none" | "pending" | "firing"; state: AlertState }
  | { change: "resolved" | "dropped" | "none"; state?: undefined };

/**
 * One evaluation of one group at `at`, as Prometheus does it: a pending alert is dropped the moment its condition fails,
 * a firing one goes on for `keepFiringForMs` from the first failure after the last success. Time in which nobody
 * evaluated (`blindMs` before this evaluation) is no sign of recovery and does not count towards the latter; what held
 * before it and holds after it is taken to have held meanwhile.
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
