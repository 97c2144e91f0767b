import type { Observation } from "../../model/metric.ts";
import { isRecheck } from "../../model/probing/recheck.ts";
import type { Sample } from "../../model/probing/sample.ts";
import { storedSample } from "../../store/history/sample-block.ts";
import type { NamedRun } from "../../store/monitor-meta.ts";
import type { MonitorPorts } from "../monitor-ports.ts";
import type { MonitorState } from "../monitor-state.ts";
import type { RuleOutcome } from "../rules/rule-outcome.ts";
import { RECHECK_MARGIN_MS } from "../schedule/plan-rechecks.ts";
import { afterAttempt, recheckStateOf } from "../schedule/recheck-state.ts";
import { scheduleTasks } from "../schedule/schedule-tasks.ts";
import { SlotClock } from "../schedule/slot-clock.ts";
import { collect } from "./collect.ts";
import { countGaps } from "./count-gaps.ts";
import { countPlaces, countQueue } from "./count-probers.ts";
import { countSample } from "./count-sample.ts";
import { countBudgets, countHistory, countTick } from "./count-tick.ts";
import { describeTick } from "./describe-tick.ts";
import { type JudgedSlot, judgeSlot } from "./evaluate-slot.ts";
import { endSilent } from "./fold-reported.ts";
import { foldSample } from "./fold-sample.ts";
import { noteOffers } from "./note-offers.ts";
import { type PreparedTask, prepareTasks, releaseUnsent } from "./prepare-tasks.ts";
import { pendingAfter, unconfirmed } from "./unconfirmed.ts";
import { SELF } from "./wanted-series.ts";

/** Which runs a tick makes. Attempt 0: the scheduled runs; attempt 1: confirmations of failures; from 2 on: rechecks. */
export interface TickRun {
  slot: number;
  attempt: number;
  /** Number of missed slots before this one. */
  missed: number;
  /** When the Monitor's object was loaded, epoch ms. */
  objectStartedAt: number;
  /** Every probe is due, whatever its interval. */
  all: boolean;
  /** What runs in any attempt but the first. */
  named: readonly NamedRun[];
  /** Confirmations of the same slot that run after these. */
  later: readonly NamedRun[];
  /** Observations about the prober to count with the next commit. */
  uncounted: Observation[];
}

/**
 * One tick: due runs -> samples -> counts -> verdicts -> rules -> one commit. Everything is committed together, so an
 * interrupted tick has counted nothing and can be repeated.
 */
export async function runTick(ports: MonitorPorts, state: MonitorState, run: TickRun): Promise<void> {
  const { head, rules, alertSender } = state;
  const { slot, attempt } = run;
  const startedAt = ports.now();
  const deadlineAt = deadlineOf(ports.config.gridMs, run, startedAt);

  const { tasks, skipped, postponed } = scheduleTasks(ports, state, run);
  const prepared = prepareTasks(ports, head, tasks);
  if (prepared.length > 0) head.commit();
  const late = (n: number): void => void run.uncounted.push(lostResults("late", n));
  const { samples, lost, stray } = await collect(ports, tasks, deadlineAt, late);

  // Nothing is awaited from here to the commit, so that counted and stored state cannot diverge.
  const all = sorted([...skipped, ...samples]);
  takeIn(ports, state, all, prepared);
  countGaps(head.table, ports.config, { slot, attempt, samples: all, lost }, ports.now());
  const roles = new Map(
    tasks.map((o) => [nameOf({ target: o.target.name, probe: o.plan.kind, vantage: o.vantage }), o.role]),
  );
  const asked = new Set(tasks.map((task) => `${task.target.name}\n${task.plan.kind}`));
  const judged = judgeSlot(ports, head.table, {
    slot,
    attempt,
    samples: all,
    roleOf: (s) => roles.get(nameOf(s)),
    memoryOf: (target) => head.memories.get(target),
    asked: { at: startedAt, has: (target, probe) => asked.has(`${target}\n${probe}`) },
  });
  state.failing = judged.failing;
  state.early.note(judged.neverRun);

  const durationMs = ports.now() - startedAt;
  countTick(head.table, { run, startedAt, durationMs, vantages: new Set(samples.map((s) => s.vantage)) });
  countBudgets(head, ports.config, ports.now());
  countHistory(head.table, ports.backlog, ports.now());
  if (lost.length > 0) run.uncounted.push(lostResults("gap", lost.length));
  if (stray > 0) run.uncounted.push(lostResults("stray", stray));
  for (const fact of run.uncounted.splice(0)) head.table.observe(SELF, fact, ports.now());
  const pending = pendingAfter(run, judged.pending);
  const outcome = rules.evaluate(slot, ports.now(), all, unconfirmed(pending, head.meta.pending));
  if (outcome.damaged.length > 0) {
    const labels = { place: "rules" };
    const fact = { family: "zako_watch_internal_errors_total", labels, value: outcome.damaged.length };
    head.table.observe(SELF, fact, ports.now());
  }
  alertSender.note(outcome, slot);

  const rechecks = afterAttempt(recheckStateOf(head.meta, slot), attempt, samples, ports.config.lanes);
  head.meta = { ...head.meta, pending, rechecks, early: state.early.given, commits: head.meta.commits + 1 };
  if (postponed !== undefined) head.meta = { ...head.meta, postponed };
  if (attempt === 0) head.meta = { ...head.meta, lastSlot: slot, gridMs: ports.config.gridMs };
  head.commit((writeRow) => {
    rules.write(writeRow);
    alertSender.write(writeRow);
    ports.backlog.append(`${ports.shard}:${alertSender.generation}`, all.map(storedSample));
  });

  logOutcome(ports, judged.changes, outcome);
  ports.log(describeTick(run, all, lost.length, durationMs));
}

function logOutcome({ log }: MonitorPorts, states: JudgedSlot["changes"], { damaged, changes }: RuleOutcome): void {
  for (const why of damaged) log({ event: "error", place: "rules", error: why });
  for (const change of states) log({ event: "state", ...change });
  for (const change of changes) log({ event: "alert", ...change });
}

/** A recheck ends before the next slot; a slot's own runs and confirmations may take half an interval if it began late. */
const deadlineOf = (gridMs: number, { slot, attempt }: TickRun, startedAt: number): number =>
  isRecheck({ attempt }) ? slot + gridMs - RECHECK_MARGIN_MS : new SlotClock(gridMs).deadline(slot, startedAt);

/** Counts and remembers what runs have found. */
function takeIn(
  { config, probers, now }: MonitorPorts,
  { head }: MonitorState,
  samples: readonly Sample[],
  prepared: readonly PreparedTask[],
): void {
  for (const sample of samples) {
    countSample(head.table, sample);
    countQueue(head.table, sample, now());
    foldSample(head, config, sample);
    if (sample.memory !== undefined) head.memories.note(sample.target, sample.memory, now());
  }
  releaseUnsent(head, prepared, samples, now());
  noteOffers(head, samples, now());
  endSilent(head, now());
  countPlaces(head.table, config, probers?.(config) ?? [], now());
}

const lostResults = (kind: string, value: number): Observation => ({
  family: "zako_watch_lost_results_total",
  labels: { kind },
  value,
});

type Named = Pick<Sample, "target" | "probe" | "vantage">;
const nameOf = (s: Named): string => `${s.target}\n${s.probe}\n${s.vantage}`;

/** By name, so that the history block of a tick always has the same order. */
function sorted(samples: readonly Sample[]): Sample[] {
  const named = samples.map((sample) => ({ sample, name: nameOf(sample) }));
  named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return named.map(({ sample }) => sample);
}
