import type { Observation } from "../../model/metric.ts";
import { isRecheck } from "../../model/probing/recheck.ts";
import type { Sample } from "../../model/probing/sample.ts";
import { storedSample } from "../../store/history/sample-block.ts";
import type { MonitorPorts } from "../monitor-ports.ts";
import type { MonitorState } from "../monitor-state.ts";
import type { NamedRun } from "../schedule/named-run.ts";
import { RECHECK_MARGIN_MS } from "../schedule/plan-rechecks.ts";
import { afterAttempt, recheckStateOf } from "../schedule/recheck-state.ts";
import { type PendingSlot, scheduleTasks } from "../schedule/schedule-tasks.ts";
import { SlotClock } from "../schedule/slot-clock.ts";
import { collect } from "./collect.ts";
import { countGaps } from "./count-gaps.ts";
import { countSample } from "./count-sample.ts";
import { countBudgets, countHistory, countTick } from "./count-tick.ts";
import { describeTick } from "./describe-tick.ts";
import { judgeSlot } from "./evaluate-slot.ts";
import { endSilent } from "./fold-reported.ts";
import { foldSample } from "./fold-sample.ts";
import { noteOffers } from "./note-offers.ts";
import { prepareTasks, releaseUnsent } from "./prepare-tasks.ts";
import { SELF } from "./wanted-series.ts";

/** Which runs a tick makes. Attempt 0 is the slot's own, attempt 1 the confirmation of its failures, others are rechecks. */
export interface TickRun {
  slot: number;
  attempt: number;
  /** Slots before this one that nobody ran. */
  missed: number;
  /** When the present life of the Monitor's object began, epoch ms. */
  objectStartedAt: number;
  /** Every probe is due, whatever its interval says. */
  all: boolean;
  /** What runs in any attempt but the first. */
  named: readonly NamedRun[];
  /** Facts about the prober that wait to be counted with the next commit. */
  uncounted: Observation[];
}

/**
 * One tick: due runs -> samples -> counts -> verdicts -> rules -> one commit. All that is counted is committed together,
 * so a tick that dies anywhere has counted nothing and can be run again.
 */
export async function runTick(ports: MonitorPorts, state: MonitorState, run: TickRun): Promise<void> {
  const { head, rules, alertSender } = state;
  const { slot, attempt } = run;
  const startedAt = ports.now();
  const deadlineAt = deadlineOf(ports.config.gridMs, run, startedAt);

  const { tasks, skipped } = scheduleTasks(ports, state, run);
  const prepared = prepareTasks(ports, head, tasks);
  if (prepared.length > 0) head.commit();
  const late = (n: number): void => void run.uncounted.push(lostResults("late", n));
  const { samples, lost, stray } = await collect(ports, tasks, deadlineAt, late);

  // From here to the commit nothing is awaited: what is counted and what is stored cannot part.
  const all = sorted([...skipped, ...samples]);
  for (const sample of all) {
    countSample(head.table, sample);
    foldSample(head, ports.config, sample);
    if (sample.memory !== undefined) head.memories.note(sample.target, sample.memory, ports.now());
  }
  releaseUnsent(head, prepared, samples, ports.now());
  noteOffers(head, all, ports.now());
  endSilent(head, ports.now());
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
  const outcome = rules.evaluate(slot, ports.now());
  if (outcome.damaged.length > 0) {
    const labels = { place: "rules" };
    const fact = { family: "zako_watch_internal_errors_total", labels, value: outcome.damaged.length };
    head.table.observe(SELF, fact, ports.now());
  }
  alertSender.note(outcome, slot);

  const rechecks = afterAttempt(recheckStateOf(head.meta, slot), attempt, samples, ports.config.lanes);
  const pending: PendingSlot = { slot, attempt: attempt + 1, runs: judged.pending };
  const { early } = state;
  head.meta = { ...head.meta, pending, rechecks, early: early.given, commits: (head.meta.commits ?? 0) + 1 };
  if (attempt === 0) head.meta = { ...head.meta, lastSlot: slot, gridMs: ports.config.gridMs };
  head.commit((writeRow) => {
    rules.write(writeRow);
    alertSender.write(writeRow);
    ports.backlog.append(`${ports.shard}:${alertSender.generation}`, all.map(storedSample));
  });

  for (const why of outcome.damaged) ports.log({ event: "error", place: "rules", error: why });
  for (const change of judged.changes) ports.log({ event: "state", ...change });
  for (const change of outcome.changes) ports.log({ event: "alert", ...change });
  ports.log(describeTick(run, all, lost.length, durationMs));
}

/** A recheck ends before the next slot; a slot's own runs and confirmations may need half an interval where it began late. */
const deadlineOf = (gridMs: number, { slot, attempt }: TickRun, startedAt: number): number =>
  isRecheck({ attempt }) ? slot + gridMs - RECHECK_MARGIN_MS : new SlotClock(gridMs).deadline(slot, startedAt);

const lostResults = (kind: string, value: number): Observation => ({
  family: "zako_watch_lost_results_total",
  labels: { kind },
  value,
});

type Named = Pick<Sample, "target" | "probe" | "vantage">;
const nameOf = (s: Named): string => `${s.target}\n${s.probe}\n${s.vantage}`;

/** By name, so that a tick's block of history is packed in the same order each time. */
function sorted(samples: readonly Sample[]): Sample[] {
  const named = samples.map((sample) => ({ sample, name: nameOf(sample) }));
  named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return named.map(({ sample }) => sample);
}
