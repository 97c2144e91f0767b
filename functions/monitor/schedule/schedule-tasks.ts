import type { Config } from "../../model/config.ts";
import { canaryOf } from "../../model/probing/canary.ts";
import type { GroupPlace } from "../../model/probing/dependency-group.ts";
import { failure } from "../../model/probing/failure.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { Head } from "../../store/head.ts";
import type { MonitorMeta, PendingSlot } from "../../store/monitor-meta.ts";
import type { MonitorPorts } from "../monitor-ports.ts";
import { gapIntervalsOf } from "../tick/count-gaps.ts";
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
  return pending !== undefined && pending.runs.length > 0 && now < pending.slot + gridMs ? pending : undefined;
}

/** What runs in a slot: the due probes, or for attempt 1 the pending confirmations. Pure, except that it reads the head. */
export function scheduleTasks(
  ports: MonitorPorts,
  { head, early }: { head: Head; early: EarlyRuns },
  { slot, attempt, all }: { slot: number; attempt: number; all: boolean },
): ScheduledTasks {
  const due = (): ProbeTask[] => addRoots(dueTasks(ports, head, early, { slot, all }), (kind) => placeOf(ports, kind));
  const wanted = attempt === 0 ? due() : confirmationTasks(ports, head, slot);
  const { run, skipped } = admit(wanted, (task) => costOf(ports, task));
  return { tasks: run, skipped: skipped.map(({ task, why }) => overBudget(task, why.budget)) };
}

/**
 * Notes in the memories what must be known before the tasks are sent. True where something was noted: then it has to
 * be committed first, so that a crash cannot hide an attempt.
 */
export function prepareTasks(ports: MonitorPorts, head: Head, tasks: readonly ProbeTask[]): boolean {
  let noted = false;
  for (const task of tasks) {
    const patch = ports.kinds.get(task.plan.kind)?.prepare?.(task, task.plan.options, ports.now());
    if (patch === undefined || Object.keys(patch).length === 0) continue;
    head.memories.note(task.target.name, patch, ports.now());
    noted = true;
  }
  return noted;
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

/** The tasks in starting order: see `rotateTasks`. */
function inTurn(tasks: readonly ProbeTask[], { targets, gridMs }: Config, { table }: Head, slot: number): ProbeTask[] {
  const critical = new Map(targets.map(({ name, probes }) => [name, probes.filter((plan) => plan.critical)]));
  return rotateTasks(tasks, ({ target }) => target.name, {
    slot,
    gridMs,
    targets: targets.map(({ name }) => name),
    hasGap: (name) => critical.get(name)?.some(({ kind }) => gapIntervalsOf(table, name, kind) > 0) === true,
  });
}

function confirmationTasks({ config }: MonitorPorts, head: Head, slot: number): ProbeTask[] {
  const { pending } = head.meta;
  if (pending === undefined || pending.slot !== slot) return [];
  return pending.runs.flatMap(({ target: name, probe, vantage, role }): ProbeTask[] => {
    const target = config.targets.find((t) => t.name === name);
    const plan = target?.probes.find((p) => p.kind === probe);
    if (target === undefined || plan === undefined || !config.vantages.includes(vantage)) return [];
    return [{ target, plan, vantage, slot, attempt: 1, role, memory: head.memories.get(name) }];
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
