import type { Reason } from "../../model/probing/failure.ts";
import { isRecheck } from "../../model/probing/recheck.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { VantageState, Vote } from "../../model/probing/verdict.ts";
import { bySlot, type Run } from "./new-votes.ts";
import { isFresh, quorumOf } from "./quorum.ts";
import type { VerdictInput } from "./verdict-input.ts";

/**
 * What the votes of one evaluation come to. `split`: neither a quorum failing nor a majority good. `none`: nothing to
 * evaluate, since nobody voted, or nobody whose vote could settle anything.
 */
export type Majority = "failing" | "good" | "split" | "none";

/** Votes that were weighed against each other. */
export interface VoteCount {
  voters: readonly Vantage[];
  /** How many of the voters must fail for the probe to fail. */
  quorum: number;
  /** Voters that failed, and the reason that most of them gave. */
  failing: readonly Vantage[];
  reason?: Reason;
  /** A majority succeeded, slowly or not. */
  mostlyGood: boolean;
  /** A quorum saw it slow, partly broken or failing. */
  slow: boolean;
}

/** Standings of vantages that are neither suspect nor silent. */
export function freshVotes(
  { plan, suspects, slot }: VerdictInput,
  vantageStates: readonly VantageState[],
): VantageState[] {
  return vantageStates.filter(
    ({ vantage, vote }) => !suspects.has(vantage) && vote !== undefined && isFresh(vote, slot, plan.intervalMs),
  );
}

/**
 * Weighs the votes of the slot and attempt in question. Where all vantages are asked every time, each one's newest
 * fresh vote counts. Where they take turns, only the votes of this slot do: older good ones say nothing about a failure
 * that has just begun, so one vantage decides, and after it those that were asked to confirm. In an incident a skipped
 * run weighs as a good one: what the target does not answer for cannot keep it open.
 */
export function evaluateVotes(
  input: VerdictInput,
  vantageStates: readonly VantageState[],
): VoteCount & { majority: Majority } {
  const { schedule, previous, slot, attempt } = input;
  const fresh = votesOf(input, vantageStates);
  const turns = schedule !== "every";
  const voteCount = countVotes(turns ? fresh.filter((vote) => isInRound(vote, input)) : fresh);
  const majority = (): Majority => {
    const current = isNewAttempt(input) ? fresh.filter((vote) => vote.slot === slot && vote.attempt === attempt) : [];
    const failed = current.some((vote) => vote.outcome === "failed");
    const saysNothing = previous.incidentOpen && current.every((vote) => vote.recovers === false);
    if (current.length === 0 || (!failed && saysNothing)) return "none";
    if (voteCount.failing.length < voteCount.quorum) return voteCount.mostlyGood ? "good" : "split";
    // Failures of slots before, with nothing but good news in this one, are no second failure.
    if (!failed) return "none";
    if (!previous.incidentOpen || !turns) return "failing";
    // One vantage that alone cannot reach the target must not hold an incident open each time its turn comes.
    const window = countVotes(fresh);
    return window.failing.length < window.quorum ? "split" : "failing";
  };
  return { ...voteCount, majority: majority() };
}

/**
 * Whether a vote was cast in the round that is judged, where vantages take turns: a slot's own run and its confirmations
 * are one round, each recheck is one of its own.
 */
const isInRound = (vote: Pick<Vote, "slot" | "attempt">, { slot, attempt }: VerdictInput): boolean =>
  vote.slot === slot && (isRecheck({ attempt }) ? vote.attempt === attempt : true);

/** Whether an attempt has not been evaluated yet. */
const isNewAttempt = ({ slot, attempt, previous: { lastSlot, lastAttempt } }: VerdictInput): boolean =>
  bySlot({ slot, attempt }, { slot: lastSlot, attempt: lastAttempt }) > 0;

/** The skipped runs of an attempt that weigh as good ones: in an incident, where they say something of the target. */
export function recoveringSkips(input: VerdictInput): Run[] {
  const { previous, runs, suspects, slot, attempt } = input;
  if (!previous.incidentOpen || !isNewAttempt(input)) return [];
  return runs.filter(
    (run) =>
      run.outcome === "skipped" &&
      run.recovers !== false &&
      bySlot(run, { slot, attempt }) === 0 &&
      !suspects.has(run.vantage),
  );
}

/** Each vantage's newest fresh vote; a skipped run that weighs as a good one stands for an older vote. */
function votesOf(input: VerdictInput, vantageStates: readonly VantageState[]): Vote[] {
  const skipping = new Set(recoveringSkips(input).map(({ vantage }) => vantage));
  const { slot, attempt } = input;
  const fresh = new Map(
    freshVotes(input, vantageStates).map((vantageState) => [vantageState.vantage, vantageState.vote]),
  );
  return vantageStates.flatMap(({ vantage }): Vote[] => {
    if (skipping.has(vantage)) return [{ vantage, slot, attempt, outcome: "ok" }];
    const vote = fresh.get(vantage);
    return vote === undefined ? [] : [vote];
  });
}

/** Weighs votes, one per vantage. */
export function countVotes(votes: readonly Vote[]): VoteCount {
  const failed = votes.filter((vote) => vote.outcome === "failed");
  const quorum = quorumOf(votes.length);
  const reason = commonest(failed.flatMap((vote) => vote.reason ?? []));
  return {
    voters: votes.map((vote) => vote.vantage),
    quorum,
    failing: failed.map((vote) => vote.vantage),
    ...(reason === undefined ? {} : { reason }),
    mostlyGood: votes.length - failed.length >= quorum,
    slow: votes.filter((vote) => vote.outcome !== "ok").length >= quorum,
  };
}

/** The reason given most often; among equals the one of the first vantage. */
function commonest(reasons: readonly Reason[]): Reason | undefined {
  const count = (reason: Reason): number => reasons.filter((other) => other === reason).length;
  return reasons.toSorted((a, b) => count(b) - count(a))[0];
}
