import { orLate } from "../../lib/deadline.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { MonitorPorts } from "../monitor-ports.ts";

/** What came of a set of orders by their deadline. */
export interface Collected {
  samples: Sample[];
  /** Orders without a sample: gaps, not failures. */
  lost: ProbeTask[];
  /** Samples that nobody had ordered, or that came twice. */
  stray: number;
}

const keyOf = (o: { target: string; probe: string; vantage: string }): string =>
  `${o.target}\n${o.probe}\n${o.vantage}`;
const taskKey = (o: ProbeTask): string => keyOf({ target: o.target.name, probe: o.plan.kind, vantage: o.vantage });

/**
 * Runs orders until all have answered or the deadline is over, whichever comes first: a prober that never answers costs
 * its own orders only. `late` is told of every sample that comes afterwards.
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

/** Probers end at the deadline themselves; their last results get this long to travel. */
const GRACE_MS = 500;
