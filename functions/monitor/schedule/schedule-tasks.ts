import type { Config } from "../../model/config.ts";
import { canaryOf } from "../../model/probing/canary.ts";
import type { GroupPlace } from "../../model/probing/dependency-group.ts";
import { failure } from "../../model/probing/failure.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import { isRecheck } from "../../model/probing/recheck.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { Head } from "../../store/head.ts";
import type { MonitorMeta, NamedRun, PendingSlot } from "../../store/monitor-meta.ts";
import type { MonitorPorts } from "../monitor-ports.ts";
import { gapIntervalsOf } from "../tick/count-gaps.ts";
import { readVantageState, VANTAGE_STATE_FAMILY } from "../tick/verdict-columns.ts";
import { addRoots } from "./add-roots.ts";
import { admit } from "./admit.ts";
import { type DueInput, dueRuns } from "./due-runs.ts";
import type { EarlyRuns } from "./early-runs.ts";
import { rotateTasks } from "./rotate-tasks.ts";

/** The orders of one attempt of a slot, and the samples of those that a budget forbids. */
export interface ScheduledTasks {
  tasks: ProbeTask[];
  skipped: Sample[];
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
  const due = (): ProbeTask[] => addRoots(dueTasks(ports, head, early, { slot, all }), place);
  const later = (): ProbeTask[] => {
    const tasks = namedTasks(ports, head, { slot, attempt, named });
    return isRecheck({ attempt }) ? addRoots(tasks, place) : tasks;
  };
  const wanted = attempt === 0 ? due() : later();
  const { run, skipped } = admit(wanted, (task) => costOf(ports, task));
  return { tasks: run, skipped: skipped.map(({ task, why }) => overBudget(task, why.budget)) };
}

function dueTasks(
  { config, kinds }: MonitorPorts,
  head: Head,
  early: EarlyRuns,
  { slot, all }: { slot: number; all: boolean },
): ProbeTask[] {
  const input: DueInput = {
    config,
    scheduleOf: (kind) => kinds.get(kind)?.schedule ?? "every",
    memoryOf: (target) => head.memories.get(target),
    wasLed: (target, { kind, intervalMs }, led) =>
      canaryOf(head.memories.get(target).canaries, kind, Math.floor(led / intervalMs)) !== undefined,
    slot,
    all,
  };
  const due = inTurn(dueRuns(input), config, head, slot);
  // What is early goes last: it must not take the room of what is due.
  const targets = early.take(config, kinds, due);
  if (targets.length === 0) return due;
  const whole = new Map(config.targets.map((target) => [target.name, target]));
  const extra = dueRuns({ ...input, config: { ...config, targets }, all: true });
  return [...due, ...extra.map((task) => ({ ...task, target: whole.get(task.target.name) ?? task.target }))];
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

function namedTasks(
  { config }: MonitorPorts,
  head: Head,
  { slot, attempt, named }: Omit<AttemptRuns, "all">,
): ProbeTask[] {
  return named.flatMap(({ target: name, probe, vantage, role }): ProbeTask[] => {
    const target = config.targets.find((t) => t.name === name);
    const plan = target?.probes.find((p) => p.kind === probe);
    if (target === undefined || plan === undefined || !config.vantages.includes(vantage)) return [];
    return [{ target, plan, vantage, slot, attempt, role, memory: head.memories.get(name) }];
  });
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
