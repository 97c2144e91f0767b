import type { Sample } from "../../model/probing/sample.ts";
import type { VantageState, Vote } from "../../model/probing/verdict.ts";

/** What judging needs of a sample. `recovers` is false where a good answer does not show that writing works again. */
export type Run = Pick<Sample, "vantage" | "slot" | "attempt" | "outcome" | "failure"> & {
  recovers?: false;
  /** Epoch ms; left out: the start of its slot. */
  startedAt?: number;
};

/** The vote that a run casts; undefined for `skipped` and `blocked` ones. */
function voteOf(run: Run): Vote | undefined {
  const { vantage, slot, attempt, outcome, failure, recovers } = run;
  if (outcome === "skipped" || outcome === "blocked") return undefined;
  return {
    vantage,
    slot,
    attempt,
    outcome,
    ...(failure === undefined ? {} : { reason: failure.reason }),
    ...(recovers === undefined ? {} : { recovers }),
  };
}

/** Negative where `a` was asked for before `b`. */
export const bySlot = (a: Pick<Vote, "slot" | "attempt">, b: Pick<Vote, "slot" | "attempt">): number =>
  a.slot - b.slot || a.attempt - b.attempt;

/** Votes in the order they were asked for, each vantage's repeated and outdated ones left out. */
export function newVotes(vantageStates: readonly VantageState[], runs: readonly Run[]): Vote[] {
  const newest = new Map(vantageStates.flatMap(({ vote }) => (vote === undefined ? [] : [[vote.vantage, vote]])));
  const votes: Vote[] = [];
  for (const run of runs.toSorted(bySlot)) {
    const vote = voteOf(run);
    if (vote === undefined) continue;
    const known = newest.get(vote.vantage);
    if (known !== undefined && bySlot(vote, known) <= 0) continue;
    newest.set(vote.vantage, vote);
    votes.push(vote);
  }
  return votes;
}

/** Each vantage's newest vote, the given runs included: what `suspectVantages` looks at. */
export function latestVotes(vantageStates: readonly VantageState[], runs: readonly Run[]): Vote[] {
  const latest = new Map(vantageStates.flatMap(({ vote }) => (vote === undefined ? [] : [[vote.vantage, vote]])));
  for (const vote of newVotes(vantageStates, runs)) latest.set(vote.vantage, vote);
  return [...latest.values()];
}
