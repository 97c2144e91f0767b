import { latestVotes } from "../evaluate/cast-votes.ts";
import { type Judgement, judgeProbe } from "../evaluate/judge-probe.ts";
import { judgeTarget, type TargetPart } from "../evaluate/judge-target.ts";
import { type Candidate, confirmationCap, needsConfirmation } from "../evaluate/needs-confirmation.ts";
import { suspectVantages } from "../evaluate/suspect-vantages.ts";
import type { Config } from "../model/config.ts";
import { gapReasonOf } from "../model/gap.ts";
import type { Role } from "../model/order.ts";
import { laneOf } from "../model/placement.ts";
import type { Sample } from "../model/sample.ts";
import type { ProbePlan, Target } from "../model/target.ts";
import type { Vantage } from "../model/vantage.ts";
import { STATES, type Standing, type Verdict, VOTE_OUTCOMES } from "../model/verdict.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { ProbeKind } from "../probe/kind.ts";
import type { SeriesTable } from "../store/series-table.ts";
import { isFaulty } from "./count-gaps.ts";
import type { Unheard } from "./early-runs.ts";
import { startOrder } from "./start-order.ts";
import {
  readStanding,
  readVerdict,
  STANDING_FAMILY,
  VERDICT_FAMILY,
  writeStanding,
  writeVerdict,
} from "./verdict-columns.ts";
import { SELF } from "./wanted-series.ts";

/** A confirmation that is owed: named only, since its order is made anew from the config when it is run. */
export interface Owed {
  target: string;
  probe: string;
  vantage: Vantage;
  role: Role;
}

/** A probe or target that changed its state. */
export type StateChange = Omit<Extract<WatchEvent, { event: "state" }>, "event">;

/** What judging a slot came to, besides the verdicts that it wrote. */
export interface JudgedSlot {
  /** Probes of which nothing was ever heard. */
  unheard: Unheard[];
  owed: Owed[];
  changes: StateChange[];
}

/** What is judged: all samples that a slot's attempt brought, and the roles that they were ordered in. */
export interface JudgedRun {
  slot: number;
  attempt: number;
  samples: readonly Sample[];
  roleOf: (sample: Pick<Sample, "target" | "probe" | "vantage">) => Role | undefined;
}

type Judge = { config: Config; kinds: ReadonlyMap<string, ProbeKind>; now: () => number };

/**
 * Judges every probe of every target, due or not, since votes expire; writes verdicts, standings and the state series;
 * and says what must be confirmed at once.
 */
export function judgeSlot(ports: Judge, table: SeriesTable, run: JudgedRun): JudgedSlot {
  const { config } = ports;
  const now = ports.now();
  const byTarget = Map.groupBy(run.samples, (sample) => sample.target);
  const probes = config.targets.map((target) => {
    const samples = byTarget.get(target.name) ?? [];
    return target.probes.map((plan): OneProbe => {
      const runs = samples.filter((sample) => sample.probe === plan.kind && gapReasonOf(sample) === undefined);
      return { target, plan, runs, standings: standingsOf(table, target, plan, config.vantages, run.slot, now) };
    });
  });
  const suspects = suspectsOf(config, run.slot, probes);
  for (const vantage of config.vantages)
    table.observe(
      SELF,
      { family: "zako_watch_vantage_suspect", labels: { vantage }, value: suspects.has(vantage) ? 1 : 0 },
      now,
    );
  const candidates: Candidate[] = [];
  const changes: StateChange[] = [];
  const unheard: Unheard[] = [];
  for (const [i, target] of config.targets.entries()) {
    const parts: TargetPart[] = [];
    for (const one of probes[i] ?? []) {
      const { plan, runs } = one;
      countVotes(table, one, suspects, now);
      const judgement = judgeOne(ports, table, one, { suspects, slot: run.slot, attempt: run.attempt, now });
      if (plan.critical)
        parts.push({ probe: plan.kind, verdict: judgement.verdict, isStale: isFaulty(table, target.name, plan.kind) });
      const { lastSlot, skipped } = judgement.verdict;
      if (lastSlot === 0 && !skipped && runs.length === 0) unheard.push({ target: target.name, probe: plan.kind });
      if (judgement.change !== undefined) changes.push(changeOf(target, plan, judgement));
      const first = runs[0];
      const role = first === undefined ? undefined : run.roleOf(first);
      if (role !== undefined && run.attempt === 0)
        candidates.push({
          target: target.name,
          probe: plan.kind,
          schedule: ports.kinds.get(plan.kind)?.schedule ?? "every",
          critical: plan.critical,
          repeatable: true,
          role,
          judgement,
        });
    }
    const verdict = judgeTarget(parts);
    show(table, target.name, "zako_v1_target_state", {}, STATES.indexOf(verdict.state), now);
    show(table, target.name, "zako_v1_target_incident_open", {}, verdict.incidentOpen ? 1 : 0, now);
  }
  const { vantages, lanes, gridMs } = config;
  const targets = config.targets.map(({ name }) => name);
  const inTurn = startOrder(candidates, ({ target }) => target, { slot: run.slot, gridMs, targets });
  const laneOfTarget = (target: string): number => laneOf(target, lanes);
  const bounds = { slot: run.slot, vantages, suspects, perVantage: confirmationCap(1), laneOf: laneOfTarget };
  const owed = needsConfirmation(inTurn, bounds);
  return { unheard, owed, changes };
}

/** A probe with what this attempt of the slot brought, and its vantages as they stood before. */
interface OneProbe {
  target: Target;
  plan: ProbePlan;
  runs: readonly Sample[];
  standings: readonly Standing[];
}

/** Counts what rules about failures go by: what a suspect vantage fails to reach is its own failure. */
function countVotes(table: SeriesTable, { target, runs }: OneProbe, suspects: Moment["suspects"], now: number): void {
  for (const { probe, vantage, outcome } of runs)
    if (VOTE_OUTCOMES.some((one) => one === outcome) && !suspects.has(vantage))
      table.observe(target.name, { family: "zako_v1_probe_votes_total", labels: { probe, outcome }, value: 1 }, now);
}

interface Moment {
  suspects: { has(vantage: Vantage): boolean };
  slot: number;
  attempt: number;
  now: number;
}

function judgeOne(ports: Judge, table: SeriesTable, one: OneProbe, moment: Moment): Judgement {
  const { target, plan, runs, standings } = one;
  const { suspects, slot, attempt, now } = moment;
  const place = table.at(target.name, VERDICT_FAMILY.name, { probe: plan.kind }, now);
  const judgement = judgeProbe({
    plan,
    schedule: ports.kinds.get(plan.kind)?.schedule ?? "every",
    vantages: ports.config.vantages,
    suspects,
    previous: verdictBy(slot, readVerdict(place.block.values, place.offset)),
    standings,
    runs,
    slot,
    attempt,
  });
  writeVerdict(place.block.values, place.offset, judgement.verdict);
  for (const standing of judgement.standings) {
    const labels = { probe: plan.kind, vantage: standing.vantage };
    const { block, offset } = table.at(target.name, STANDING_FAMILY.name, labels, now);
    writeStanding(block.values, offset, standing);
  }
  showVerdict(table, target, plan, judgement.verdict, now);
  return judgement;
}

// What is of a slot still to come was made while the clock was wrong. It must not pass for the newest there is, or
// nothing would be news until that slot.
const verdictBy = (slot: number, verdict: Verdict): Verdict =>
  verdict.lastSlot > slot ? { ...verdict, lastSlot: 0, lastAttempt: 0 } : verdict;

function standingBy(slot: number, { vote, ...rest }: Standing): Standing {
  return {
    ...rest,
    ...(vote === undefined || vote.slot > slot ? {} : { vote }),
    skippedSlot: rest.skippedSlot > slot ? 0 : rest.skippedSlot,
  };
}

function showVerdict(table: SeriesTable, target: Target, plan: ProbePlan, verdict: Verdict, now: number): void {
  const labels = { probe: plan.kind };
  show(table, target.name, "zako_v1_probe_state", labels, STATES.indexOf(verdict.state), now);
  show(table, target.name, "zako_v1_probe_incident_open", labels, verdict.incidentOpen ? 1 : 0, now);
}

function show(
  table: SeriesTable,
  target: string,
  family: string,
  labels: Record<string, string>,
  value: number,
  now: number,
): void {
  table.observe(target, { family, labels, value }, now);
}

function standingsOf(
  table: SeriesTable,
  target: Target,
  plan: ProbePlan,
  vantages: readonly Vantage[],
  slot: number,
  now: number,
): Standing[] {
  return vantages.map((vantage) => {
    const { block, offset } = table.at(target.name, STANDING_FAMILY.name, { probe: plan.kind, vantage }, now);
    return standingBy(slot, readStanding(block.values, offset, vantage));
  });
}

/** With one vantage nobody can contradict it, and nothing is compared. */
function suspectsOf(
  config: Config,
  slot: number,
  probes: readonly (readonly OneProbe[])[],
): { has(vantage: Vantage): boolean } {
  if (config.vantages.length < 2) return new Set<Vantage>();
  return suspectVantages(
    slot,
    probes.flat().map(({ target, plan, standings, runs }) => ({
      target: target.name,
      intervalMs: plan.intervalMs,
      votes: latestVotes(standings, runs),
    })),
  );
}

function changeOf(target: Target, plan: ProbePlan, { change, verdict, why }: Judgement): StateChange {
  return {
    target: target.name,
    probe: plan.kind,
    from: change?.from ?? verdict.state,
    to: verdict.state,
    reason: change?.reason ?? why.reason ?? why.weight,
  };
}
