import { isUnreachable, type Reason } from "../../model/probing/failure.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import { newVantageState, type State, type VantageState, type Verdict } from "../../model/probing/verdict.ts";
import { previousOf, vantageStateNotOffered, verdictNotOffered } from "./end-incident.ts";
import {
  countVotes,
  evaluateVotes,
  freshVotes,
  type Majority,
  recoveringSkips,
  type VoteCount,
} from "./evaluate-votes.ts";
import { type Finding, type Incident, moveIncident } from "./incident.ts";
import { moveTimes } from "./incident-times.ts";
import { bySlot, newVotes, type Run } from "./new-votes.ts";
import { isFresh } from "./quorum.ts";
import { badCount, begins, ends, goodInRow } from "./streak.ts";
import { nextVantageState } from "./vantage-streak.ts";
import type { VerdictInput } from "./verdict-input.ts";

/** What a verdict rests on. */
interface Why extends Pick<VoteCount, "voters" | "quorum" | "failing" | "reason"> {
  majority: Majority;
  /** Vantages left out: those without a fresh vote, and those under suspicion. */
  silent: readonly Vantage[];
  suspect: readonly Vantage[];
  /** Vantages that see the probe failing by a streak of their own. */
  regional: readonly Vantage[];
  /** Failing evaluations among the last `outOf`, and good ones in a row. */
  failures: number;
  goodInRow: number;
}

/** A change of state, or of the incident behind it (`unknown` hides one without closing it). */
interface Change {
  from: State;
  to: State;
  incident?: "opened" | "closed";
  /** Why the incident closed, where no run has shown that the probe works again. */
  closedAs?: "not offered" | "removed";
  /** The vantages that fail now, and the reason that most of them give. */
  vantages: readonly Vantage[];
  reason?: Reason;
}

/** What is believed of a probe now, what to keep for the next judgement, and why. */
export interface Judgement {
  verdict: Verdict;
  /** One per vantage that takes part, in their order. */
  vantageStates: readonly VantageState[];
  change?: Change;
  why: Why;
}

/**
 * Decides what is believed of a probe. To be asked for every probe in every slot, due or not, since votes expire; and
 * once more after confirmations. A slot and attempt is evaluated once, in order: asked again, or late, it moves nothing.
 */
export function judgeProbe(given: VerdictInput): Judgement {
  const input = { ...given, previous: previousOf(given) };
  const { previous, slot, attempt, plan } = input;
  if (input.offer === "not offered") return judgeNotOffered(given);
  const settled = settle(input);
  const voteCount = evaluateVotes(input, settled);
  const incident = moveIncident(input, findingOf(input, voteCount, settled));
  const vantageStates = share(input, settled, voteCount, incident.incidentOpen).map((vantageState) => ({
    ...vantageState,
    inIncident: incident.incidentOpen && (vantageState.inIncident || voteCount.failing.includes(vantageState.vantage)),
  }));
  const finding = findingOf(input, voteCount, vantageStates);
  const isSkipped =
    finding.freshVotes.length === 0 && vantageStates.some((s) => isFresh({ slot: s.skippedSlot }, slot, turnMs(input)));
  // As long as skipped runs count towards the end of an incident, it is known to go on.
  const state = isSkipped && incident.incidentOpen ? "down" : stateOf(input, finding, incident);
  const isNews = voteCount.majority !== "none";
  const verdict: Verdict = {
    ...incident,
    ...moveTimes(input, voteCount.majority, incident),
    askedAt: previous.askedAt,
    state,
    since: state === previous.state ? previous.since : slot,
    skipped: isSkipped && !incident.incidentOpen,
    blocked: input.runs.length === 0 ? previous.blocked : areBlocked(input.runs),
    unreachable: isNews ? isUnreachableOnly(input, voteCount) : previous.unreachable,
    critical: plan.critical === true,
    lastSlot: isNews ? slot : previous.lastSlot,
    lastAttempt: isNews ? attempt : previous.lastAttempt,
  };
  const why = whyOf(input, finding, verdict);
  const closedAs = given.previous.incidentOpen && !previous.incidentOpen ? "removed" : undefined;
  const change = changeOf(given.previous, verdict, why, closedAs);
  return { verdict, vantageStates, ...(change === undefined ? {} : { change }), why };
}

function whyOf(
  { vantages, suspects, plan }: VerdictInput,
  { voteCount, freshVotes, failing }: Finding,
  verdict: Verdict,
): Why {
  const { voters, quorum, reason, majority } = voteCount;
  const freshVantages = new Set(freshVotes.map(({ vantage }) => vantage));
  return {
    majority,
    voters,
    quorum,
    failing: voteCount.failing,
    ...(reason === undefined ? {} : { reason }),
    silent: vantages.filter((vantage) => !suspects.has(vantage) && !freshVantages.has(vantage)),
    suspect: vantages.filter((vantage) => suspects.has(vantage)),
    regional: failing.map(({ vantage }) => vantage),
    failures: badCount(verdict, plan.thresholds),
    goodInRow: goodInRow(verdict),
  };
}

/** Judges a probe that the target does not offer. An incident of it is over. */
function judgeNotOffered(input: VerdictInput): Judgement {
  const { previous, vantages, suspects } = input;
  const verdict = verdictNotOffered(input);
  const nobody = { voters: [], quorum: 0, failing: [], regional: [], failures: 0, goodInRow: 0 };
  const suspect = vantages.filter((vantage) => suspects.has(vantage));
  const why: Why = { majority: "none", ...nobody, silent: vantages.filter((one) => !suspects.has(one)), suspect };
  const change = changeOf(previous, verdict, why, "not offered");
  const vantageStates = settle(input).map(vantageStateNotOffered);
  return { verdict, vantageStates, ...(change === undefined ? {} : { change }), why };
}

/** The standings of all vantages that take part, with what is new. */
function settle(input: VerdictInput): VantageState[] {
  const { plan, vantages, suspects, vantageStates, runs } = input;
  const recovering = recoveringSkips(input);
  const votes = newVotes(vantageStates, runs);
  return vantages.map((vantage) => {
    const known = vantageStates.find((vantageState) => vantageState.vantage === vantage) ?? newVantageState(vantage);
    const suspect = suspects.has(vantage);
    const skips = runs.filter((run) => run.vantage === vantage && run.outcome === "skipped");
    const start: VantageState = {
      ...known,
      ...(suspect ? { ring: 0, ringLength: 0, failing: false } : {}),
      skippedSlot: Math.max(known.skippedSlot, ...skips.map(({ slot }) => slot)),
    };
    const vantageState = votes
      .filter((vote) => vote.vantage === vantage)
      .reduce((vantageState, vote) => nextVantageState(vantageState, vote, plan.thresholds, suspect), start);
    const skip = recovering.find((run) => run.vantage === vantage);
    return skip === undefined ? vantageState : withoutOutdated(vantageState, skip);
  });
}

/** A skipped run in an incident takes back the failure that its vantage saw before. */
function withoutOutdated(vantageState: VantageState, skip: Run): VantageState {
  const { vote, ...rest } = vantageState;
  if (vote?.outcome !== "failed" || bySlot(skip, vote) <= 0) return vantageState;
  return { ...rest, ring: 0, ringLength: 0, failing: false };
}

const areBlocked = (runs: readonly Run[]): boolean => runs.every(({ outcome }) => outcome === "blocked");

/** Whether an evaluation failed by nothing but failures to reach the server. */
function isUnreachableOnly({ runs }: VerdictInput, { majority }: Finding["voteCount"]): boolean {
  const failed = runs.filter(({ outcome }) => outcome === "failed");
  return majority === "failing" && failed.every(({ failure }) => failure !== undefined && isUnreachable(failure));
}

/**
 * Takes failures that a quorum shares out of the streaks of the vantages that saw them: they are no vantage's own. Else
 * every vantage would be named as failing alone after an outage, until it has had its turns. In an incident they start
 * afresh, so that none counts as recovered by what it saw before.
 */
function share(
  input: VerdictInput,
  settled: VantageState[],
  voteCount: Finding["voteCount"],
  incidentOpen: boolean,
): VantageState[] {
  // Whether others share a failure that one vantage saw in its turn is known once they have confirmed.
  const isShared = voteCount.majority === "failing" && (input.previous.incidentOpen || voteCount.voters.length > 1);
  if (!isShared) return settled;
  return settled.map((vantageState) => {
    if (!voteCount.failing.includes(vantageState.vantage)) return vantageState;
    const known =
      input.vantageStates.find(({ vantage }) => vantage === vantageState.vantage) ??
      newVantageState(vantageState.vantage);
    const { ring, ringLength, failing } = incidentOpen ? { ...known, ring: 0, ringLength: 0 } : known;
    return { ...vantageState, ring, ringLength, failing };
  });
}

/** How often one vantage is asked. */
const turnMs = ({ plan, schedule, vantages }: VerdictInput): number =>
  schedule === "rotating" ? plan.intervalMs * vantages.length : plan.intervalMs;

const findingOf = (
  input: VerdictInput,
  voteCount: Finding["voteCount"],
  vantageStates: readonly VantageState[],
): Finding => ({
  voteCount,
  freshVotes: freshVotes(input, vantageStates),
  failing: failingAlone(input, vantageStates),
});

/** Vantages whose own streak says that the probe fails. A probe with one vantage has no regions. */
function failingAlone(input: VerdictInput, vantageStates: readonly VantageState[]): VantageState[] {
  if (input.vantages.length < 2) return [];
  return vantageStates.filter(
    ({ vantage, vote, failing }) =>
      failing && vote !== undefined && !input.suspects.has(vantage) && isFresh(vote, input.slot, turnMs(input)),
  );
}

function stateOf(input: VerdictInput, { voteCount, freshVotes, failing }: Finding, incident: Incident): State {
  const { previous } = input;
  if (freshVotes.length === 0) return "unknown";
  if (incident.incidentOpen) return "down";
  if (failing.length > 0) return "regional";
  if (voteCount.majority === "good") return healthOf(input, incident);
  if (previous.state === "regional") {
    // The vantage that failed alone is silent or suspect by now, and the others may have nothing new to say.
    const { mostlyGood } = countVotes(freshVotes.flatMap(({ vote }) => vote ?? []));
    return mostlyGood ? healthOf(input, incident) : "regional";
  }
  return previous.state === "down" ? "unknown" : previous.state;
}

/** `up` or `degraded` of a probe that works: by streaks while it was one of them, else by the newest evaluation. */
function healthOf({ previous, plan }: VerdictInput, { ringLength, degradedRing }: Incident): "up" | "degraded" {
  const slow = { ring: degradedRing, ringLength };
  if (previous.state === "up") return begins(slow, plan.thresholds) ? "degraded" : "up";
  if (previous.state === "degraded") return ends(slow, plan.thresholds) ? "up" : "degraded";
  return (degradedRing & 1) === 1 ? "degraded" : "up";
}

function changeOf(
  previous: Verdict,
  verdict: Verdict,
  why: Why,
  closedAs: Change["closedAs"] | undefined,
): Change | undefined {
  const moved = previous.incidentOpen !== verdict.incidentOpen;
  if (!moved && previous.state === verdict.state) return undefined;
  return {
    from: previous.state,
    to: verdict.state,
    ...(moved ? { incident: verdict.incidentOpen ? "opened" : "closed" } : {}),
    ...(moved && !verdict.incidentOpen && closedAs !== undefined ? { closedAs } : {}),
    vantages: why.failing,
    ...(why.reason === undefined ? {} : { reason: why.reason }),
  };
}
