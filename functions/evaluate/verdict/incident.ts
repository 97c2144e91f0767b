import { RING_BITS } from "../../lib/bits.ts";
import type { VantageState, Verdict } from "../../model/probing/verdict.ts";
import type { Majority, VoteCount } from "./evaluate-votes.ts";
import { quorumOf } from "./quorum.ts";
import { badCount, begins, cleared, ends, evaluated, goodInRow, isFirstBad, type Streak } from "./streak.ts";
import type { VerdictInput } from "./verdict-input.ts";

/** The part of a verdict that streaks decide. */
export type Incident = Pick<Verdict, "incidentOpen" | "ring" | "ringLength" | "degradedRing">;

/** What an evaluation found: its weight, the standings that were heard, and those that see the probe failing. */
export interface Finding {
  voteCount: VoteCount & { majority: Majority };
  freshVotes: readonly VantageState[];
  failing: readonly VantageState[];
}

/** Moves the streaks by one evaluation, and opens or closes the incident where they cross a threshold. */
export function moveIncident(input: VerdictInput, finding: Finding): Incident {
  const { previous, schedule, vantages } = input;
  const { thresholds } = input.plan;
  const { majority, slow, voters } = finding.voteCount;
  const wasOpen = previous.incidentOpen;
  // A tie is no failure while all is well, and neither failure nor recovery in an incident.
  const stays = majority === "none" || (majority === "split" && wasOpen) || (majority === "good" && isRepeat(input));
  const ofRoot = isOfRoot(input);
  const past = ofRoot || isContradicted(input, finding) ? { ...previous, ring: previous.ring & ~1 } : previous;
  const slowPast = ofRoot ? previous.degradedRing & ~1 : previous.degradedRing;
  const moved = stays ? past : evaluated(past, majority === "failing");
  const incident: Incident = {
    incidentOpen: wasOpen,
    ring: moved.ring,
    ringLength: moved.ringLength,
    degradedRing: stays ? slowPast : evaluated({ ...previous, ring: slowPast }, slow).ring,
  };
  if (wasOpen) {
    const closes =
      (majority === "good" && ends(moved, thresholds)) || (majority === "split" && shrinks(finding, thresholds));
    return closes ? { ...incident, ...cleared(moved), incidentOpen: false, degradedRing: slow ? 1 : 0 } : incident;
  }
  if (majority !== "failing" || !begins(moved, thresholds) || isUnconfirmed(input, moved)) return incident;
  // Where several are asked and one is left, the others' silence makes its word less certain: it must say so twice.
  const isLastOne = schedule === "every" && vantages.length > 1 && voters.length === 1;
  return { ...incident, incidentOpen: !isLastOne || (moved.ring & 3) === 3 };
}

/**
 * Whether a good answer in an incident comes too soon after those before it: each counts for half a recheck. The root of a
 * group is asked again with each of its probes; counted, a server that is there for a few seconds would end its outage.
 */
function isRepeat({ previous, plan: { recheckMs }, slot, askedAt = slot }: VerdictInput): boolean {
  if (recheckMs === undefined || !previous.incidentOpen || previous.recoveringSince === 0) return false;
  return askedAt - previous.recoveringSince < (goodInRow(previous) * recheckMs) / 2;
}

/**
 * Whether the failure that stands in the newest bit was one vantage's own: it was its turn, and the others that were
 * asked to confirm in the same slot do not bear it out. Counted, a vantage that alone cannot reach the target would add
 * up to an incident, turn after turn.
 */
function isContradicted({ schedule, previous, slot, attempt }: VerdictInput, { voteCount }: Finding): boolean {
  const sameSlot = previous.lastSlot === slot && previous.lastAttempt < attempt;
  const borneOut = voteCount.majority === "failing" || voteCount.majority === "none";
  return schedule !== "every" && !previous.incidentOpen && sameSlot && !borneOut && voteCount.voters.length > 1;
}

/**
 * Whether a slot's failure must be confirmed, though it completes the failures that are needed: the last one was asked
 * again at once, and was not borne out. Now and then a run is lost in two slots in a row; that is no outage. What fails
 * slot after slot and answers when it is asked again is one: the next failure counts without.
 */
function isUnconfirmed({ previous, attempt, plan: { thresholds } }: VerdictInput, moved: Streak): boolean {
  const isNew = attempt === 0 && previous.lastAttempt > 0 && isFirstBad(moved);
  const wide = { ...thresholds, outOf: Math.min(2 * thresholds.outOf - 1, RING_BITS) };
  return isNew && thresholds.failures > 1 && badCount(moved, wide) <= thresholds.failures;
}

/**
 * Whether the failure that stands in the newest bit belongs to the root of the probe's group: it only said that the
 * server is not there, and by now the root says so too. Counted, it would add up with the next outage.
 */
const isOfRoot = ({ previous, runs }: VerdictInput): boolean =>
  previous.unreachable &&
  !previous.incidentOpen &&
  runs.length > 0 &&
  runs.every(({ outcome }) => outcome === "blocked");

/** Whether so many vantages have recovered by their own streaks that those which have not are below the quorum. */
function shrinks({ freshVotes, failing }: Finding, thresholds: VerdictInput["plan"]["thresholds"]): boolean {
  const sick = freshVotes.filter((vantageState) => vantageState.failing || !ends(vantageState, thresholds));
  return failing.length > 0 && sick.length < quorumOf(freshVotes.length);
}
