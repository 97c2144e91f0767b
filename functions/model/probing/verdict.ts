import type { Reason } from "./failure.ts";
import type { Outcome } from "./sample.ts";
import type { Vantage } from "./vantage.ts";

/**
 * State of a probe, or of a target as the worst of its critical probes. `regional`: failing from fewer vantages than the
 * quorum. `unknown`: too few fresh votes; never shown as up.
 */
export type State = "unknown" | "up" | "degraded" | "regional" | "down";

/** Packed storage keeps the index: append only. */
export const STATES = ["unknown", "up", "degraded", "regional", "down"] as const satisfies readonly State[];

/** Outcomes that count as votes: `skipped` and `blocked` runs say nothing about the target. */
export const VOTE_OUTCOMES = ["ok", "degraded", "failed"] as const satisfies readonly Outcome[];

/** One vantage's vote on a probe. */
export interface Vote {
  vantage: Vantage;
  /** Start of the slot, epoch ms. */
  slot: number;
  attempt: number;
  outcome: (typeof VOTE_OUTCOMES)[number];
  reason?: Reason;
  /** False for a good answer that does not prove recovery, such as an upload whose blob already existed. */
  recovers?: false;
}

/** Stored state of one vantage's runs of a probe. */
export interface VantageState {
  vantage: Vantage;
  /** Its newest vote; absent before the first. */
  vote?: Vote;
  /** Slot of its newest skipped run, epoch ms; 0 before the first. */
  skippedSlot: number;
  /** Its last votes, newest in bit 0, 1 = failed; at most 16. Cleared while the vantage is suspect. */
  ring: number;
  /** How many bits of `ring` are in use. */
  ringLength: number;
  /** Whether it sees the probe failing, by the same thresholds that open and end an incident. */
  failing: boolean;
  /** It has voted `failed` in the open incident. */
  inIncident: boolean;
}

/** Stored verdict of a probe. Derivable values are not stored. */
export interface Verdict {
  state: State;
  /** Start of the slot in which `state` was entered, epoch ms; 0 if it never changed. */
  since: number;
  /** An incident is open from `down` until enough consecutive runs are good or skipped. `unknown` does not close it. */
  incidentOpen: boolean;
  /** The state is unknown because every run is skipped: the target does not offer it, or a budget is spent. */
  skipped: boolean;
  /** The newest runs were all blocked. The probe is due at once when the root of its dependency group recovers. */
  blocked: boolean;
  /** The newest evaluation failed, and its votes only mean that the server is unreachable. */
  unreachable: boolean;
  /** Whether the probe was critical when it was last judged. */
  critical: boolean;
  /** The last evaluations, newest in bit 0, 1 = failing by quorum; at most 16. Cleared when an incident ends. */
  ring: number;
  /** How many bits of `ring` and `degradedRing` are in use. */
  ringLength: number;
  /** The same evaluations, 1 = a quorum of vantages saw it slow, partly failing or failing. */
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

/** The standing of a vantage that has not run the probe yet. */
export const newVantageState = (vantage: Vantage): VantageState => ({
  vantage,
  skippedSlot: 0,
  ring: 0,
  ringLength: 0,
  failing: false,
  inIncident: false,
});
