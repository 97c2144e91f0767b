import { type Judgement, judgeProbe } from "../../evaluate/verdict/judge-probe.ts";
import { judgeTarget, type TargetPart } from "../../evaluate/verdict/judge-target.ts";
import { type Candidate, confirmationCap, needsConfirmation } from "../../evaluate/verdict/needs-confirmation.ts";
import { latestVotes } from "../../evaluate/verdict/new-votes.ts";
import { suspectVantages } from "../../evaluate/verdict/suspect-vantages.ts";
import type { Config } from "../../model/config.ts";
import type { GroupPlace } from "../../model/probing/dependency-group.ts";
import { gapReasonOf } from "../../model/probing/gap.ts";
import type { TargetMemory } from "../../model/probing/memory.ts";
import { laneOf } from "../../model/probing/placement.ts";
import type { Role, Schedule } from "../../model/probing/probe-task.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import { STATES, type Verdict } from "../../model/probing/verdict.ts";
import type { WatchEvent } from "../../model/watch-event.ts";
import { activeMaintenance } from "../../notify/policy/windows/maintenance.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { NamedRun } from "../../store/monitor-meta.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import type { NeverRun } from "../schedule/early-runs.ts";
import { type FailingProbe, failingProbes } from "../schedule/failing-probes.ts";
import { type Judged, overdueRuns, withRoots } from "../schedule/overdue-runs.ts";
import { rotateTasks } from "../schedule/rotate-tasks.ts";
import { isFaulty } from "./count-gaps.ts";
import { countVotes } from "./count-votes.ts";
import { type ProbeInput, probeInputs } from "./probe-inputs.ts";
import { VANTAGE_STATE_FAMILY, VERDICT_FAMILY, writeVantageState, writeVerdict } from "./verdict-columns.ts";
import { SELF } from "./wanted-series.ts";

/** A probe or target that changed its state. */
type StateChange = Omit<Extract<WatchEvent, { event: "state" }>, "event">;

/** Result of judging a slot, besides the written verdicts. */
export interface JudgedSlot {
  /** Probes that have never had a result. */
  neverRun: NeverRun[];
  pending: NamedRun[];
  /** Probes that are rechecked until they are well again. */
  failing: FailingProbe[];
  changes: StateChange[];
}

/** Input: all samples of an attempt of a slot, and the roles of their tasks. */
export interface JudgedRun {
  slot: number;
  attempt: number;
  samples: readonly Sample[];
  roleOf: (sample: Pick<Sample, "target" | "probe" | "vantage">) => Role | undefined;
  /** Memory of a target, including these samples; absent: nothing is remembered. */
  memoryOf?: (target: string) => Pick<TargetMemory, "offers">;
  /** When the attempt began, epoch ms, and whether it asked a probe, whatever came of that; left out: it asked none. */
  asked?: { at: number; has: (target: string, probe: string) => boolean };
}

type Judge = { config: Config; kinds: ReadonlyMap<string, ProbeKind>; now: () => number };

/**
 * Judges every probe of every target, due or not, because votes expire. Writes verdicts, vantage states and state series,
 * and returns what must be confirmed at once.
 */
export function judgeSlot(ports: Judge, table: SeriesTable, run: JudgedRun): JudgedSlot {
  const { config } = ports;
  const now = ports.now();
  const byTarget = Map.groupBy(run.samples, (sample) => sample.target);
  const source = { config, table, placeOf: placeBy(ports), slot: run.slot, now };
  const inputs = config.targets.map((target) =>
    probeInputs(
      { ...source, memory: run.memoryOf?.(target.name) ?? {} },
      target,
      // A fault of the prober is neither a vote nor a skip: it must not count towards recovery.
      (byTarget.get(target.name) ?? []).filter((sample) => gapReasonOf(sample) === undefined),
    ),
  );
  const suspects = suspectsOf(config, run.slot, inputs.flat());
  for (const vantage of config.vantages)
    show(table, SELF, "zako_watch_vantage_suspect", { vantage }, suspects.has(vantage) ? 1 : 0, now);
  const moment: Moment = { suspects, slot: run.slot, attempt: run.attempt, asked: run.asked, now };
  const judged = inputs.map((target) => target.map((input) => judgeOne(ports, table, input, moment)));
  for (const [i, { name }] of config.targets.entries()) {
    const parts = (judged[i] ?? []).flatMap(({ input: { plan }, judgement }): TargetPart[] =>
      plan.critical
        ? [{ probe: plan.kind, verdict: judgement.verdict, isStale: isFaulty(table, name, plan.kind) }]
        : [],
    );
    const verdict = judgeTarget(parts);
    show(table, name, "zako_v1_target_state", {}, STATES.indexOf(verdict.state), now);
    show(table, name, "zako_v1_target_incident_open", {}, verdict.incidentOpen ? 1 : 0, now);
  }
  return {
    neverRun: judged
      .flat()
      .filter(isUnconfirmed)
      .map(({ input: { target, plan } }) => ({ target: target.name, probe: plan.kind })),
    pending: pendingOf(ports, run, suspects, judged),
    failing: judged.flatMap((target) =>
      failingProbes(target.map(({ input, judgement }) => ({ ...input, ...judgement }))),
    ),
    changes: judged.flat().flatMap(({ input, judgement }) => changeOf(input, judgement) ?? []),
  };
}

/** Nothing is known of it. One that was blocked has said nothing either: run early again and again, it would starve others. */
const isUnconfirmed = ({ judgement: { verdict } }: Judged): boolean => verdict.lastSlot === 0 && !verdict.skipped;

/** Runs to make at once: confirmations, and probes that waited for the root of their group. */
function pendingOf(
  ports: Judge,
  run: JudgedRun,
  suspects: Moment["suspects"],
  judged: readonly Judged[][],
): NamedRun[] {
  const { config } = ports;
  const scheduleOf = scheduleBy(ports);
  const candidates = judged.flat().flatMap(({ input, judgement }): Candidate[] => {
    const { target, plan, runs } = input;
    const [first] = runs;
    const named = { target: target.name, probe: plan.kind };
    const role = first === undefined ? undefined : run.roleOf({ ...named, vantage: first.vantage });
    if (role === undefined) return [];
    const { critical, options } = plan;
    const cost = { slow: isTimeout({ input }), calls: ports.kinds.get(plan.kind)?.calls(options) ?? 1 };
    return [{ ...named, ...cost, schedule: scheduleOf(plan.kind), critical, repeatable: true, role, judgement }];
  });
  const { vantages, lanes, gridMs } = config;
  const targets = config.targets.map(({ name }) => name);
  const inTurn = rotateTasks(candidates, ({ target }) => target, { slot: run.slot, gridMs, targets });
  const laneOfTarget = (target: string): number => laneOf(target, lanes);
  const bounds = { slot: run.slot, vantages, suspects, perVantage: confirmationCap(1), laneOf: laneOfTarget };
  // What fails later in a slot is rechecked soon enough.
  const confirmations = run.attempt > 0 ? [] : needsConfirmation(inTurn, bounds);
  const overdue = overdueRuns(judged, { ...bounds, config, scheduleOf, confirmations });
  const slow = new Set(
    judged
      .flat()
      .filter(isTimeout)
      .map(({ input: { target } }) => target.name),
  );
  return withRoots([...confirmations, ...overdue], judged).map((named) => ({
    ...named,
    ...(slow.has(named.target) ? { slow: true } : {}),
  }));
}

/** Whether a probe took its whole deadline. */
const isTimeout = ({ input: { runs } }: Pick<Judged, "input">): boolean =>
  runs.some(({ failure }) => failure?.reason === "timeout");

const scheduleBy =
  ({ kinds }: Judge) =>
  (kind: string): Schedule =>
    kinds.get(kind)?.schedule ?? "every";

const placeBy =
  ({ kinds }: Judge) =>
  (kind: string): GroupPlace =>
    kinds.get(kind) ?? { tier: "inside" };

interface Moment {
  suspects: { has(vantage: Vantage): boolean };
  slot: number;
  attempt: number;
  asked: JudgedRun["asked"];
  now: number;
}

function judgeOne(ports: Judge, table: SeriesTable, input: ProbeInput, moment: Moment): Judged {
  const { target, plan, runs, offer, previous, vantageStates } = input;
  const { suspects, slot, attempt, now } = moment;
  const schedule = scheduleBy(ports)(plan.kind);
  const { vantages } = ports.config;
  const judgement = judgeProbe({
    plan,
    offer,
    schedule,
    vantages,
    suspects,
    previous,
    vantageStates,
    runs,
    slot,
    attempt,
    ...(moment.asked === undefined ? {} : { askedAt: moment.asked.at }),
  });
  if (moment.asked?.has(target.name, plan.kind) === true) judgement.verdict.askedAt = moment.asked.at;
  const place = table.at(target.name, VERDICT_FAMILY.name, { probe: plan.kind }, now);
  writeVerdict(place.block.values, place.offset, judgement.verdict);
  for (const vantageState of judgement.vantageStates) {
    const labels = { probe: plan.kind, vantage: vantageState.vantage };
    const { block, offset } = table.at(target.name, VANTAGE_STATE_FAMILY.name, labels, now);
    writeVantageState(block.values, offset, vantageState);
  }
  showVerdict(table, target, plan, judgement.verdict, now);
  const isService = !["inside", "outside"].includes(placeBy(ports)(plan.kind).tier);
  const { maintenance = [] } = ports.config;
  const isInMaintenance = activeMaintenance(maintenance, { ...target.labels, target: target.name }, now) !== undefined;
  const { verdict, why } = judgement;
  const evaluated = { verdict, suspects, regional: why.regional, isService, attempt, isInMaintenance };
  countVotes(table, input, evaluated, now);
  return { input, judgement };
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

/** With a single vantage, there is nothing to compare. */
function suspectsOf(config: Config, slot: number, probes: readonly ProbeInput[]): { has(vantage: Vantage): boolean } {
  if (config.vantages.length < 2) return new Set<Vantage>();
  return suspectVantages(
    slot,
    probes.map(({ target, plan, vantageStates, runs }) => ({
      target: target.name,
      intervalMs: plan.intervalMs,
      votes: latestVotes(vantageStates, runs),
    })),
  );
}

function changeOf({ target, plan }: ProbeInput, { change, verdict, why }: Judgement): StateChange | undefined {
  if (change === undefined) return undefined;
  return {
    target: target.name,
    probe: plan.kind,
    from: change.from,
    to: verdict.state,
    reason: change.closedAs ?? change.reason ?? why.reason ?? why.majority,
  };
}
