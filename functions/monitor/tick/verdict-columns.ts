import { reasonAt, reasonIndex } from "../../model/probing/failure.ts";
import { OUTCOMES } from "../../model/probing/sample.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import { STATES, type State, type VantageState, type Verdict, type Vote } from "../../model/probing/verdict.ts";
import type { PrivateFamily } from "../../store/series/series-layout.ts";

// The number in a name is the version of the columns' content. Columns of another version are dropped on load, and the
// verdict starts again.

/** A probe's verdict: flags, since, rings, slot of the newest evaluation, when it was asked, and its incident's times. */
export const VERDICT_FAMILY: PrivateFamily = { name: "~verdict.3", labels: ["target", "probe"], width: 7 };

/** A vantage's state: slot of its vote, the vote, slot of its newest skip, its streak. */
export const VANTAGE_STATE_FAMILY: PrivateFamily = {
  name: "~vantage_state.2",
  labels: ["target", "probe", "vantage"],
  width: 4,
};

// Small fields share one number: float64 stores 53 bits exactly, and fewer numbers save memory.
const RING = 0x10000;
const SMALL = 32;

const flag = (value: boolean): number => (value ? 1 : 0);

export function readVerdict(values: Float64Array, offset: number): Verdict {
  const flags = values[offset] as number;
  const rings = values[offset + 2] as number;
  return {
    state: (STATES[flags % 8] ?? "unknown") as State,
    incidentOpen: (flags & 8) !== 0,
    skipped: (flags & 16) !== 0,
    blocked: (flags & 32) !== 0,
    unreachable: (flags & 64) !== 0,
    critical: (flags & 128) !== 0,
    lastAttempt: Math.floor(flags / 256),
    since: values[offset + 1] as number,
    ring: rings % RING,
    degradedRing: Math.floor(rings / RING) % RING,
    ringLength: Math.floor(rings / RING / RING),
    lastSlot: values[offset + 3] as number,
    askedAt: values[offset + 4] as number,
    failingSince: values[offset + 5] as number,
    recoveringSince: values[offset + 6] as number,
  };
}

export function writeVerdict(values: Float64Array, offset: number, v: Verdict): void {
  values[offset] =
    STATES.indexOf(v.state) +
    flag(v.incidentOpen) * 8 +
    flag(v.skipped) * 16 +
    flag(v.blocked) * 32 +
    flag(v.unreachable) * 64 +
    flag(v.critical) * 128 +
    v.lastAttempt * 256;
  values[offset + 1] = v.since;
  values[offset + 2] = v.ring + v.degradedRing * RING + v.ringLength * RING * RING;
  values[offset + 3] = v.lastSlot;
  values[offset + 4] = v.askedAt;
  values[offset + 5] = v.failingSince;
  values[offset + 6] = v.recoveringSince;
}

export function readVantageState(values: Float64Array, offset: number, vantage: Vantage): VantageState {
  const streak = values[offset + 3] as number;
  const vantageState: VantageState = {
    vantage,
    skippedSlot: values[offset + 2] as number,
    ring: streak % RING,
    ringLength: Math.floor(streak / RING) % SMALL,
    failing: Math.floor(streak / RING / SMALL) % 2 === 1,
    inIncident: Math.floor(streak / RING / SMALL / 2) === 1,
  };
  const vote = readVote(values, offset, vantage);
  if (vote !== undefined) vantageState.vote = vote;
  return vantageState;
}

export function writeVantageState(values: Float64Array, offset: number, s: VantageState): void {
  values[offset] = s.vote?.slot ?? 0;
  values[offset + 1] = s.vote === undefined ? 0 : packVote(s.vote);
  values[offset + 2] = s.skippedSlot;
  const flags = flag(s.failing) + flag(s.inIncident) * 2;
  values[offset + 3] = s.ring + s.ringLength * RING + flags * RING * SMALL;
}

function readVote(values: Float64Array, offset: number, vantage: Vantage): Vote | undefined {
  const slot = values[offset] as number;
  const packed = values[offset + 1] as number;
  if (slot === 0) return undefined;
  const reason = Math.floor(packed / 4096);
  const vote: Vote = {
    vantage,
    slot,
    attempt: Math.floor(packed / 16) % 256,
    outcome: (OUTCOMES[packed % 8] ?? "failed") as Vote["outcome"],
  };
  if (reason !== 0) vote.reason = reasonAt(reason - 1);
  if ((packed & 8) !== 0) vote.recovers = false;
  return vote;
}

function packVote(vote: Vote): number {
  const reason = vote.reason === undefined ? 0 : reasonIndex(vote.reason) + 1;
  return OUTCOMES.indexOf(vote.outcome) + flag(vote.recovers === false) * 8 + vote.attempt * 16 + reason * 4096;
}
