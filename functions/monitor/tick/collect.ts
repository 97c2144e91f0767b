import { orLate } from "../../lib/deadline.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { MonitorPorts } from "../monitor-ports.ts";

/** Result of a set of tasks at their deadline. */
export interface Collected {
  samples: Sample[];
  /** Tasks without a sample: gaps, not failures. */
  lost: ProbeTask[];
  /** Samples without a task, or repeated ones. */
  stray: number;
}

const keyOf = (o: { target: string; probe: string; vantage: string }): string =>
  `${o.target}\n${o.probe}\n${o.vantage}`;
const taskKey = (o: ProbeTask): string => keyOf({ target: o.target.name, probe: o.plan.kind, vantage: o.vantage });

/**
 * Runs tasks until all have answered or the deadline has passed: a prober that never answers affects only its own tasks.
 * `late` is called with every sample that arrives afterwards.
 */
export async function collect(
  ports: Pick<MonitorPorts, "config" | "probe" | "now" | "startDeadline">,
  tasks: readonly ProbeTask[],
  deadlineAt: number,
  late: (samples: number) => void,
): Promise<Collected> {
  const open = new Map(tasks.map((o) => [taskKey(o), o]));
  const samples: Sample[] = [];
  let stray = 0;
  let closed = false;
  const deliver = (batch: readonly Sample[]): void => {
    if (closed) {
      late(batch.length);
      return;
    }
    for (const sample of batch) {
      const key = keyOf(sample);
      const task = open.get(key);
      if (task === undefined || task.slot !== sample.slot || task.attempt !== sample.attempt) stray++;
      else {
        open.delete(key);
        samples.push(sample);
      }
    }
  };
  if (tasks.length > 0) {
    using deadline = ports.startDeadline(Math.max(1, deadlineAt + GRACE_MS - ports.now()));
    await orLate(ports.probe(tasks, deadlineAt, deliver, ports.config), deadline.signal, undefined);
  }
  closed = true;
  return { samples, lost: [...open.values()], stray };
}

/** Probers end at the deadline themselves; this is extra time for their last results to arrive. */
const GRACE_MS = 500;
