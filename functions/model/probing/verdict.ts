import type { Reason } from "./failure.ts";
import type { Outcome } from "./sample.ts";
import type { Vantage } from "./vantage.ts";

/**
 * What is believed of a probe, or of a target as the worst of its critical probes. `regional`: failing, but only from
 * fewer vantages than the quorum. `unknown`: too few fresh votes; never shown as up.
 */
export type State = "unknown" | "up" | "degraded" | "regional" | "down";

/** The order is the packed form in storage: append only. */
export const STATES = ["unknown", "up", "degraded", "regional", "down"] as const satisfies readonly State[];

/** Outcomes that cast a vote: `skipped` and `blocked` runs say nothing of the target. */
export const VOTE_OUTCOMES = ["ok", "degraded", "failed"] as const satisfies readonly Outcome[];

/** One vantage's word on a probe. */
export interface Vote {
  vantage: Vantage;
  /** Start of the slot, epoch ms. */
  slot: number;
  attempt: number;
  outcome: (typeof VOTE_OUTCOMES)[number];
  reason?: Reason;
  /** False for a healthy answer that does not show that what failed works again: an upload whose blob was there. */
  recovers?: false;
}

/** What is stored of one vantage's own runs of a probe. */
export interface VantageState {
  vantage: Vantage;
  /** Its newest vote; absent before the first. */
  vote?: Vote;
  /** Slot of its newest skipped run, epoch ms; 0 before the first. */
  skippedSlot: number;
  /** Its own last votes, newest in bit 0, 1 = failed; at most 16. A vantage under suspicion starts afresh. */
  ring: number;
  /** How many bits of `ring` are real. */
  ringLength: number;
  /** It sees the probe failing: from as many failures as make a probe `down` until as many good runs as end that. */
  failing: boolean;
  /** It has voted `failed` in the incident that is open. */
  inIncident: boolean;
}

/** What is stored of a probe's verdict; what can be derived from it is not. */
export interface Verdict {
  state: State;
  /** Start of the slot in which `state` was entered, epoch ms; 0 while it never changed. */
  since: number;
  /** An incident is open from `down` until enough runs in a row are good or skipped; `unknown` does not close it. */
  incidentOpen: boolean;
  /** Nothing is known because every run is skipped: the target does not offer it, or a budget forbids it. */
  skipped: boolean;
  /** The newest runs were all blocked: it is due at once when the root of its dependency group is well. */
  blocked: boolean;
  /** The newest evaluation failed, and its votes only say that the server is not there. */
  unreachable: boolean;
  /** It was critical when it was judged last. */
  critical: boolean;
  /** The last evaluations, newest in bit 0, 1 = failing by quorum; at most 16. Cleared when an incident ends. */
  ring: number;
  /** How many bits of `ring` and `degradedRing` are real. */
  ringLength: number;
  /** The same evaluations, 1 = a quorum of vantages saw it slow, partly broken or failing. */
  degradedRing: number;
  /** Slot of the newest evaluation, epoch ms; 0 before the first. */
  lastSlot: number;
  /** Attempt of the newest evaluation. */
  lastAttempt: number;
  /** When the newest tick that asked it began, whatever came of that, epoch ms; 0 before the first. */
  askedAt: number;
  /**
   * When the first failing run began of those that opened the incident, or of those that may open one; epoch ms. It stays
   * after the incident until the next failure. 0 before the first.
   */
  failingSince: number;
  /** When the first good run began of those that end the incident; epoch ms, and 0 while there is none. It stays after it. */
  recoveringSince: number;
}

/** The verdict of a probe that has not run yet. */
export const NO_VERDICT: Verdict = {
  state: "unknown",
  since: 0,
  incidentOpen: false,
  skipped: false,
  blocked: false,
  unreachable: false,
  critical: false,
  ring: 0,
  ringLength: 0,
  degradedRing: 0,
  lastSlot: 0,
  lastAttempt: 0,
  askedAt: 0,
  failingSince: 0,
  recoveringSince: 0,
};

/** The standing of a vantage that has not run the probe yet. */
export const newVantageState = (vantage: Vantage): VantageState => ({
  vantage,
  skippedSlot: 0,
  ring: 0,
  ringLength: 0,
  failing: false,
  inIncident: false,
});
