import { getOrInsert } from "../../lib/get-or-insert.ts";
import { spread } from "../../lib/spread.ts";
import type { Role, Schedule } from "../../model/probing/probe-task.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { Judgement } from "./judge-probe.ts";
import { isFirstBad } from "./streak.ts";

/** A run to be made at once, as attempt 1 of its slot. Plain data: it may be stored until it is run. */
export interface Confirmation {
  target: string;
  probe: string;
  vantage: Vantage;
  /** The role of the run that failed: a first writer's failure is confirmed by writing, a reader's by reading. */
  role: Role;
}

/** A probe as it stands after the scheduled runs of a slot were judged. */
export interface Candidate {
  target: string;
  probe: string;
  schedule: Schedule;
  critical: boolean;
  /** False for a kind whose repetition would do harm. */
  repeatable: boolean;
  /** The role that the slot's runs of this probe had. */
  role: Role;
  /** Whether a run of it took its whole deadline; to repeat the others takes next to no time. */
  slow: boolean;
  /** The most calls that one run makes. */
  calls: number;
  judgement: Judgement;
}

/** What bounds a slot's confirmations. */
export interface ConfirmationBounds {
  /** Start of the slot that was judged, epoch ms. */
  slot: number;
  vantages: readonly Vantage[];
  suspects: { has(vantage: Vantage): boolean };
  /** The most confirmations that may take a whole deadline in one lane of one vantage; see `confirmationCap`. */
  perVantage: number;
  /** The lane that asks a target; none: each vantage has one lane. */
  laneOf?: (target: string) => number;
}

/** Connections that the platform lets one prober hold at once, and so the runs that it admits without waiting. */
const AT_ONCE = 6;

/** Vantages that are asked to confirm, unless it takes more to overturn the failure. */
const ASKED = 2;

/** Calls of one lane's confirmations: beyond that, and the free plan's 50 are in sight, only the first few are made. */
export const MOST_CALLS = 30;

/**
 * As many slow confirmations as a vantage's lanes start without queueing: so they take one deadline, which is what a page
 * may be late by, and a total outage of 1,000 targets costs one deadline more and not twice the tick. Others may be more.
 * What is left out is decided by the following slots.
 */
export const confirmationCap = (lanes: number): number => AT_ONCE * Math.max(1, lanes);

/**
 * Which probes to run again at once: those that failed for the first time and are in no incident yet. A failure by
 * quorum is put to other vantages where turns are taken, else to enough of those that failed to overturn it; a failure
 * below the quorum to the vantage that saw it. Runs that were skipped or blocked ask for nothing. Critical probes come
 * first, and of them one of each target before further ones, since one confirmed failure is enough to page; a probe gets
 * all it needs or nothing, since half a confirmation could only confirm.
 */
export function needsConfirmation(candidates: readonly Candidate[], bounds: ConfirmationBounds): Confirmation[] {
  const lanes = new Map<string, LaneLoad>();
  const laneOf = (vantage: Vantage, target: string): LaneLoad =>
    getOrInsert(lanes, `${vantage}:${bounds.laneOf?.(target) ?? 0}`, () => ({ runs: 0, slow: 0, calls: 0 }));
  const tasks: Confirmation[] = [];
  for (const { candidate, vantages } of inOrder(candidates, bounds)) {
    const { target, probe, role, slow, calls } = candidate;
    const taken = vantages.map((vantage) => laneOf(vantage, target));
    if (!taken.every((lane) => hasRoom(lane, candidate, bounds.perVantage))) continue;
    for (const lane of taken) {
      lane.runs++;
      lane.calls += calls;
      if (slow) lane.slow++;
    }
    for (const vantage of vantages) tasks.push({ target, probe, vantage, role });
  }
  return tasks;
}

/** What one lane of one vantage has been asked for. */
interface LaneLoad {
  runs: number;
  slow: number;
  calls: number;
}

const hasRoom = ({ runs, slow, calls }: LaneLoad, candidate: Candidate, most: number): boolean =>
  slow + Number(candidate.slow) <= most && (runs < most || calls + candidate.calls <= MOST_CALLS);

/** The candidates that need a confirmation, with where it is made, those first that matter most. */
function inOrder(candidates: readonly Candidate[], bounds: ConfirmationBounds) {
  const seen = new Set<string>();
  const needed = candidates
    .toSorted((a, b) => Number(b.critical) - Number(a.critical))
    .map((candidate) => ({ candidate, vantages: vantagesToAsk(candidate, bounds) }))
    .filter(({ vantages }) => vantages.length > 0)
    .map((one) => {
      const { target, critical } = one.candidate;
      const isFurther = seen.has(target);
      seen.add(target);
      return { ...one, rank: Number(!critical) * 2 + Number(isFurther) };
    });
  return needed.sort((a, b) => a.rank - b.rank);
}

function vantagesToAsk(candidate: Candidate, { slot, vantages, suspects }: ConfirmationBounds): readonly Vantage[] {
  const { verdict, vantageStates, why } = candidate.judgement;
  if (!candidate.repeatable || verdict.incidentOpen) return [];
  const ran = vantageStates.filter(({ vote }) => vote?.slot === slot && vote.attempt === 0);
  const failed = ran.filter(({ vantage, vote }) => vote?.outcome === "failed" && !suspects.has(vantage));
  // Not always the same ones: neither their load nor their view should weigh more than the others'.
  const turn = spread(`${candidate.target}\n${candidate.probe}\n${slot}`, Math.max(1, vantages.length));
  const inTurn = (some: readonly Vantage[]): Vantage[] =>
    [...vantages.slice(turn), ...vantages.slice(0, turn)].filter((vantage) => some.includes(vantage));

  if (why.majority !== "failing") {
    const alone = failed.filter((vantageState) => !vantageState.failing && isFirstBad(vantageState));
    return inTurn(alone.map(({ vantage }) => vantage)).slice(0, ASKED);
  }
  if (!isFirstBad(verdict)) return [];
  if (candidate.schedule !== "every") {
    const others = vantages.filter((v) => !suspects.has(v) && !ran.some(({ vantage }) => vantage === v));
    if (others.length > 0) return inTurn(others).slice(0, ASKED);
  }
  const enough = Math.max(ASKED, why.failing.length - why.quorum + 1);
  return inTurn(failed.map(({ vantage }) => vantage)).slice(0, enough);
}
