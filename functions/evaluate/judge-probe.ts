import { isUnreachable, type Reason } from "../model/failure.ts";
import type { Vantage } from "../model/vantage.ts";
import { noStanding, type Standing, type State, type Verdict } from "../model/verdict.ts";
import { bySlot, newVotes, type Run } from "./cast-votes.ts";
import { previousOf, standingNotOffered, verdictNotOffered } from "./end-incident.ts";
import { holdStanding } from "./hold-standing.ts";
import { type Finding, type Incident, moveIncident } from "./incident.ts";
import type { ProbeCase } from "./probe-case.ts";
import { isFresh } from "./quorum.ts";
import { badCount, begins, ends, goodInRow } from "./streak.ts";
import { heard, recoveringSkips, type Tally, tallyOf, type Weight, weigh } from "./weigh.ts";

/** What a verdict rests on. */
export interface Why extends Pick<Tally, "voters" | "quorum" | "failing" | "reason"> {
  weight: Weight;
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
export interface Change {
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
  standings: readonly Standing[];
  change?: Change;
  why: Why;
}

/**
 * Decides what is believed of a probe. To be asked for every probe in every slot, due or not, since votes expire; and
 * once more after confirmations. A slot and attempt is evaluated once, in order: asked again, or late, it moves nothing.
 */
export function judgeProbe(given: ProbeCase): Judgement {
  const input = { ...given, previous: previousOf(given) };
  const { previous, slot, attempt, plan } = input;
  if (input.offer === "not offered") return judgeNotOffered(given);
  const settled = settle(input);
  const tally = weigh(input, settled);
  const incident = moveIncident(input, findingOf(input, tally, settled));
  const standings = share(input, settled, tally, incident.incidentOpen).map((standing) => ({
    ...standing,
    inIncident: incident.incidentOpen && (standing.inIncident || tally.failing.includes(standing.vantage)),
  }));
  const finding = findingOf(input, tally, standings);
  const isSkipped =
    finding.heard.length === 0 && standings.some((s) => isFresh({ slot: s.skippedSlot }, slot, turnMs(input)));
  // As long as skipped runs count towards the end of an incident, it is known to go on.
  const state = isSkipped && incident.incidentOpen ? "down" : stateOf(input, finding, incident);
  const isNews = tally.weight !== "none";
  const verdict: Verdict = {
    ...incident,
    state,
    since: state === previous.state ? previous.since : slot,
    skipped: isSkipped && !incident.incidentOpen,
    blocked: input.runs.length === 0 ? previous.blocked : areBlocked(input.runs),
    unreachable: isNews ? isUnreachableOnly(input, tally) : previous.unreachable,
    critical: plan.critical === true,
    lastSlot: isNews ? slot : previous.lastSlot,
    lastAttempt: isNews ? attempt : previous.lastAttempt,
  };
  const why = whyOf(input, finding, verdict);
  const closedAs = given.previous.incidentOpen && !previous.incidentOpen ? "removed" : undefined;
  const change = changeOf(given.previous, verdict, why, closedAs);
  return { verdict, standings, ...(change === undefined ? {} : { change }), why };
}

function whyOf({ vantages, suspects, plan }: ProbeCase, { tally, heard, failing }: Finding, verdict: Verdict): Why {
  const { voters, quorum, reason, weight } = tally;
  const heardFrom = new Set(heard.map(({ vantage }) => vantage));
  return {
    weight,
    voters,
    quorum,
    failing: tally.failing,
    ...(reason === undefined ? {} : { reason }),
    silent: vantages.filter((vantage) => !suspects.has(vantage) && !heardFrom.has(vantage)),
    suspect: vantages.filter((vantage) => suspects.has(vantage)),
    regional: failing.map(({ vantage }) => vantage),
    failures: badCount(verdict, plan.thresholds),
    goodInRow: goodInRow(verdict),
  };
}

/** Judges a probe that the target does not offer. An incident of it is over. */
function judgeNotOffered(input: ProbeCase): Judgement {
  const { previous, vantages, suspects } = input;
  const verdict = verdictNotOffered(input);
  const nobody = { voters: [], quorum: 0, failing: [], regional: [], failures: 0, goodInRow: 0 };
  const suspect = vantages.filter((vantage) => suspects.has(vantage));
  const why: Why = { weight: "none", ...nobody, silent: vantages.filter((one) => !suspects.has(one)), suspect };
  const change = changeOf(previous, verdict, why, "not offered");
  const standings = settle(input).map(standingNotOffered);
  return { verdict, standings, ...(change === undefined ? {} : { change }), why };
}

/** The standings of all vantages that take part, with what is new. */
function settle(input: ProbeCase): Standing[] {
  const { plan, vantages, suspects, standings, runs } = input;
  const recovering = recoveringSkips(input);
  const votes = newVotes(standings, runs);
  return vantages.map((vantage) => {
    const known = standings.find((standing) => standing.vantage === vantage) ?? noStanding(vantage);
    const suspect = suspects.has(vantage);
    const skips = runs.filter((run) => run.vantage === vantage && run.outcome === "skipped");
    const start: Standing = {
      ...known,
      ...(suspect ? { ring: 0, ringLength: 0, failing: false } : {}),
      skippedSlot: Math.max(known.skippedSlot, ...skips.map(({ slot }) => slot)),
    };
    const standing = votes
      .filter((vote) => vote.vantage === vantage)
      .reduce((standing, vote) => holdStanding(standing, vote, plan.thresholds, suspect), start);
    const skip = recovering.find((run) => run.vantage === vantage);
    return skip === undefined ? standing : withoutOutdated(standing, skip);
  });
}

/** A skipped run in an incident takes back the failure that its vantage saw before. */
function withoutOutdated(standing: Standing, skip: Run): Standing {
  const { vote, ...rest } = standing;
  if (vote?.outcome !== "failed" || bySlot(skip, vote) <= 0) return standing;
  return { ...rest, ring: 0, ringLength: 0, failing: false };
}

const areBlocked = (runs: readonly Run[]): boolean => runs.every(({ outcome }) => outcome === "blocked");

/** Whether an evaluation failed by nothing but failures to reach the server. */
function isUnreachableOnly({ runs }: ProbeCase, { weight }: Finding["tally"]): boolean {
  const failed = runs.filter(({ outcome }) => outcome === "failed");
  return weight === "failing" && failed.every(({ failure }) => failure !== undefined && isUnreachable(failure));
}

/**
 * Takes failures that a quorum shares out of the streaks of the vantages that saw them: they are no vantage's own. Else
 * every vantage would be named as failing alone after an outage, until it has had its turns. In an incident they start
 * afresh, so that none counts as recovered by what it saw before.
 */
function share(input: ProbeCase, settled: Standing[], tally: Finding["tally"], incidentOpen: boolean): Standing[] {
  // Whether others share a failure that one vantage saw in its turn is known once they have confirmed.
  const isShared = tally.weight === "failing" && (input.previous.incidentOpen || tally.voters.length > 1);
  if (!isShared) return settled;
  return settled.map((standing) => {
    if (!tally.failing.includes(standing.vantage)) return standing;
    const known = input.standings.find(({ vantage }) => vantage === standing.vantage) ?? noStanding(standing.vantage);
    const { ring, ringLength, failing } = incidentOpen ? { ...known, ring: 0, ringLength: 0 } : known;
    return { ...standing, ring, ringLength, failing };
  });
}

/** How often one vantage is asked. */
const turnMs = ({ plan, schedule, vantages }: ProbeCase): number =>
  schedule === "rotating" ? plan.intervalMs * vantages.length : plan.intervalMs;

const findingOf = (input: ProbeCase, tally: Finding["tally"], standings: readonly Standing[]): Finding => ({
  tally,
  heard: heard(input, standings),
  failing: failingAlone(input, standings),
});

/** Vantages whose own streak says that the probe fails. A probe with one vantage has no regions. */
function failingAlone(input: ProbeCase, standings: readonly Standing[]): Standing[] {
  if (input.vantages.length < 2) return [];
  return standings.filter(
    ({ vantage, vote, failing }) =>
      failing && vote !== undefined && !input.suspects.has(vantage) && isFresh(vote, input.slot, turnMs(input)),
  );
}

function stateOf(input: ProbeCase, { tally, heard, failing }: Finding, incident: Incident): State {
  const { previous } = input;
  if (heard.length === 0) return "unknown";
  if (incident.incidentOpen) return "down";
  if (failing.length > 0) return "regional";
  if (tally.weight === "good") return healthOf(input, incident);
  if (previous.state === "regional") {
    // The vantage that failed alone is silent or suspect by now, and the others may have nothing new to say.
    const { mostlyGood } = tallyOf(heard.flatMap(({ vote }) => vote ?? []));
    return mostlyGood ? healthOf(input, incident) : "regional";
  }
  return previous.state === "down" ? "unknown" : previous.state;
}

/** `up` or `degraded` of a probe that works: by streaks while it was one of them, else by the newest evaluation. */
function healthOf({ previous, plan }: ProbeCase, { ringLength, degradedRing }: Incident): "up" | "degraded" {
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
