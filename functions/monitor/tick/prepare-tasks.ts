import type { CanaryName, MemoryPatch } from "../../model/probing/memory.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { Head } from "../../store/head.ts";
import type { MonitorPorts } from "../monitor-ports.ts";

/** A write that was noted before it was sent. */
export interface PreparedTask {
  task: ProbeTask;
  patch: MemoryPatch;
}

/**
 * Notes in the memories what must be known before the orders are sent. Where something was noted, it has to be committed
 * first, so that a crash cannot hide an attempt.
 */
export function prepareTasks(
  { kinds, now }: Pick<MonitorPorts, "kinds" | "now">,
  head: Head,
  tasks: readonly ProbeTask[],
): PreparedTask[] {
  return tasks.flatMap((task) => {
    const patch = kinds.get(task.plan.kind)?.prepare?.(task, task.plan.options, now());
    if (patch === undefined || Object.keys(patch).length === 0) return [];
    head.memories.note(task.target.name, patch, now());
    return [{ task, patch }];
  });
}

/**
 * Takes back what was noted of writes that their runs have not sent: bytes are charged when they may have arrived. A run
 * without a sample may have sent anything.
 */
export function releaseUnsent(
  head: Head,
  prepared: readonly PreparedTask[],
  samples: readonly Sample[],
  now: number,
): void {
  if (prepared.length === 0) return;
  const unsent = new Set(samples.filter(isUnsent).map(keyOf));
  for (const { task, patch } of prepared) {
    const { target, plan, vantage } = task;
    if (patch.canaries === undefined || !unsent.has(keyOf({ target: target.name, probe: plan.kind, vantage })))
      continue;
    head.memories.note(target.name, { unsent: patch.canaries.map(nameOf) }, now);
  }
}

/** Whether a run has certainly asked nothing. */
const isUnsent = ({ outcome, steps }: Sample): boolean =>
  outcome === "blocked" || (outcome === "skipped" && steps.length === 0);

const keyOf = ({ target, probe, vantage }: Pick<Sample, "target" | "probe" | "vantage">): string =>
  `${target}\n${probe}\n${vantage}`;

const nameOf = ({ probe, period, recheck }: CanaryName): CanaryName => ({
  probe,
  period,
  ...(recheck === undefined ? {} : { recheck }),
});
