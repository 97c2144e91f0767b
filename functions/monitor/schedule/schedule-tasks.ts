import type { Config } from "../../model/config.ts";
import { addRoots } from "../../model/probing/add-roots.ts";
import { canaryOf } from "../../model/probing/canary.ts";
import type { GroupPlace } from "../../model/probing/dependency-group.ts";
import { type DueInput, dueRuns } from "../../model/probing/due-runs.ts";
import { failure } from "../../model/probing/failure.ts";
import { type Postponed, postpone, type Waiting } from "../../model/probing/postpone.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import { isRecheck } from "../../model/probing/recheck.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { Head } from "../../store/head.ts";
import type { MonitorMeta, NamedRun, PendingSlot } from "../../store/monitor-meta.ts";
import type { MonitorPorts } from "../monitor-ports.ts";
import { gapIntervalsOf } from "../tick/count-gaps.ts";
import { readVantageState, VANTAGE_STATE_FAMILY } from "../tick/verdict-columns.ts";
import { admit } from "./admit.ts";
import type { EarlyRuns } from "./early-runs.ts";
import { rotateTasks } from "./rotate-tasks.ts";

/** The orders of one attempt of a slot, and the samples of those that a budget forbids. */
export interface ScheduledTasks {
  tasks: ProbeTask[];
  skipped: Sample[];
  /** Runs that wait for a slot with room; undefined where this attempt changes nothing about them. */
  postponed?: readonly Postponed[];
}

/** The slot whose confirmations are owed; none once its interval is over, for then the next slot says more. */
export function confirmable({ pending }: MonitorMeta, gridMs: number, now: number): PendingSlot | undefined {
  if (pending === undefined || isRecheck({ attempt: pending.attempt ?? 1 })) return undefined;
  return pending.runs.length > 0 && now < pending.slot + gridMs ? pending : undefined;
}

/**
 * Which of a slot's confirmations run next. Those of targets that took their whole deadline come last, in a run of their
 * own: no target waits for another's deadline.
 */
export function nextConfirmations({ runs }: PendingSlot): { named: readonly NamedRun[]; later: readonly NamedRun[] } {
  const slow = new Set(runs.flatMap(({ target, slow }) => (slow === true ? [target] : [])));
  const later = runs.filter(({ target }) => slow.has(target));
  return later.length === runs.length
    ? { named: runs, later: [] }
    : { named: runs.filter(({ target }) => !slow.has(target)), later };
}

/** Runs that are due at once after an attempt of a slot other than its first. */
export const dueAtOnce = ({ pending }: MonitorMeta, slot: number): readonly NamedRun[] =>
  pending?.slot === slot && isRecheck({ attempt: pending.attempt ?? 1 }) ? pending.runs : [];

/** Which attempt of a slot is made; after the first attempt, `named` says what runs. */
export interface AttemptRuns {
  slot: number;
  attempt: number;
  all: boolean;
  named: readonly NamedRun[];
}

/** What runs in a slot: the due probes, or in a later attempt what is named. Pure, except that it reads the head. */
export function scheduleTasks(
  ports: MonitorPorts,
  { head, early }: { head: Head; early: EarlyRuns },
  { slot, attempt, all, named }: AttemptRuns,
): ScheduledTasks {
  const place = (kind: string): GroupPlace => placeOf(ports, kind);
  let postponed: readonly Postponed[] | undefined;
  const due = (): ProbeTask[] => {
    const own = dueTasks(ports, head, { slot, all });
    const { now, later: waiting } = all ? { now: own, later: [] } : withRoom(ports, head, own, slot);
    postponed = waiting;
    return addRoots([...now, ...earlyTasks(ports, head, early, { slot, due: now, waiting })], place);
  };
  const later = (): ProbeTask[] => {
    const tasks = namedTasks(ports, head, { slot, attempt, named });
    return isRecheck({ attempt }) ? addRoots(tasks, place) : tasks;
  };
  const wanted = attempt === 0 ? due() : later();
  const { run, skipped } = admit(wanted, (task) => costOf(ports, task));
  return {
    tasks: run,
    skipped: skipped.map(({ task, why }) => overBudget(task, why.budget)),
    ...(postponed === undefined ? {} : { postponed }),
  };
}

/** Which runs of a slot have room in it, with those that earlier slots had none for. */
function withRoom(
  { config, kinds }: MonitorPorts,
  { meta, memories }: Head,
  due: readonly ProbeTask[],
  slot: number,
): ReturnType<typeof postpone> {
  const earlier = (meta.postponed ?? []).flatMap(({ dueAt, ...named }): Waiting<ProbeTask>[] =>
    taskOf(config, memories, named, { slot, attempt: 0 }).map((task) => ({ task, dueAt })),
  );
  return postpone(due, earlier, {
    config,
    slot,
    callsOf: ({ kind, options }) => kinds.get(kind)?.calls(options) ?? 1,
    scheduleOf: (kind) => kinds.get(kind)?.schedule ?? "every",
  });
}

const dueInput = (
  { config, kinds }: MonitorPorts,
  { memories }: Head,
  { slot, all }: { slot: number; all: boolean },
): DueInput => ({
  config,
  scheduleOf: (kind) => kinds.get(kind)?.schedule ?? "every",
  memoryOf: (target) => memories.get(target),
  wasLed: (target, { kind, intervalMs }, led) =>
    canaryOf(memories.get(target).canaries, kind, Math.floor(led / intervalMs)) !== undefined,
  slot,
  all,
});

const dueTasks = (ports: MonitorPorts, head: Head, at: { slot: number; all: boolean }): ProbeTask[] =>
  inTurn(dueRuns(dueInput(ports, head, at)), ports.config, head, at.slot);

/** What has never run is run before its turn. It goes last: it must not take the room of what is due. */
function earlyTasks(
  ports: MonitorPorts,
  head: Head,
  early: EarlyRuns,
  { slot, due, waiting }: { slot: number; due: readonly ProbeTask[]; waiting: readonly Postponed[] },
): ProbeTask[] {
  const { config, kinds } = ports;
  const targets = early.take(config, kinds, due, waiting);
  if (targets.length === 0) return [];
  const whole = new Map(config.targets.map((target) => [target.name, target]));
  const input = dueInput(ports, head, { slot, all: true });
  const extra = dueRuns({ ...input, config: { ...config, targets } });
  return extra.map((task) => ({ ...task, target: whole.get(task.target.name) ?? task.target }));
}

/** The tasks in starting order: see `rotateTasks`. Where some had no room in the slot before, those that may hang are marked. */
function inTurn(tasks: readonly ProbeTask[], config: Config, { table }: Head, slot: number): ProbeTask[] {
  const { targets, gridMs } = config;
  const critical = new Map(targets.map(({ name, probes }) => [name, probes.filter((plan) => plan.critical)]));
  const gaps = new Set(
    targets.flatMap(({ name }) =>
      critical.get(name)?.some(({ kind }) => gapIntervalsOf(table, name, kind) > 0) === true ? name : [],
    ),
  );
  const facts = { slot, gridMs, targets: targets.map(({ name }) => name), hasGap: (name: string) => gaps.has(name) };
  const ordered = rotateTasks(tasks, ({ target }) => target.name, facts);
  if (gaps.size === 0) return ordered;
  const timedOut = ({ target, plan: { kind }, vantage }: ProbeTask): boolean => {
    const { block, offset } = table.at(target.name, VANTAGE_STATE_FAMILY.name, { probe: kind, vantage }, slot);
    return readVantageState(block.values, offset, vantage).vote?.reason === "timeout";
  };
  const doubtful = new Set([...gaps, ...ordered.filter(timedOut).map(({ target }) => target.name)]);
  return ordered.map((task) => (doubtful.has(task.target.name) ? { ...task, mayHang: true } : task));
}

const namedTasks = (
  { config }: MonitorPorts,
  { memories }: Head,
  { slot, attempt, named }: Omit<AttemptRuns, "all">,
): ProbeTask[] => named.flatMap((one) => taskOf(config, memories, one, { slot, attempt }));

/** The task that a name stands for; none where it is no longer configured. */
function taskOf(
  config: Config,
  memories: Head["memories"],
  { target: name, probe, vantage, role }: NamedRun,
  { slot, attempt }: { slot: number; attempt: number },
): ProbeTask[] {
  const target = config.targets.find((t) => t.name === name);
  const plan = target?.probes.find((p) => p.kind === probe);
  if (target === undefined || plan === undefined || !config.vantages.includes(vantage)) return [];
  return [{ target, plan, vantage, slot, attempt, role, memory: memories.get(name) }];
}

const placeOf = ({ kinds }: MonitorPorts, kind: string): GroupPlace => kinds.get(kind) ?? { tier: "inside" };

function costOf({ kinds, now }: MonitorPorts, task: ProbeTask): { writtenBytes: number; tokens: number } {
  const kind = kinds.get(task.plan.kind);
  const patch = kind?.prepare?.(task, task.plan.options, now());
  return { writtenBytes: patch?.writtenBytes ?? 0, tokens: kind?.tokensIssued ?? 0 };
}

function overBudget(task: ProbeTask, budget: "writeBytesPerDay" | "tokensPerDay"): Sample {
  const what = budget === "writeBytesPerDay" ? "written bytes" : "issued tokens";
  return {
    target: task.target.name,
    probe: task.plan.kind,
    vantage: task.vantage,
    slot: task.slot,
    attempt: task.attempt,
    startedAt: task.slot,
    durationMs: 0,
    outcome: "skipped",
    failure: failure("over_budget", true, {
      message: `the target's daily budget of ${what} is used up`,
      hint: "raise the budget, lengthen the interval of the probes that use it, or wait for the next UTC day",
    }),
    steps: [],
    observations: [],
    traceId: "0".repeat(32),
  };
}
