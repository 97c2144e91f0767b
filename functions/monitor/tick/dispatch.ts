import { bugTrace } from "../../lib/bug-trace.ts";
import { rotated } from "../../lib/rotation.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import { LANES_AT_ONCE, laneOf } from "../../model/probing/placement.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import { LOCAL_VANTAGE, type Vantage } from "../../model/probing/vantage.ts";
import type { WatchEvent } from "../../model/watch-event.ts";
import { type BatchDeps, type BatchResult, runBatch } from "../../probe/batch.ts";
import type { Batch } from "../../probe/region.ts";
import type { RunProbes } from "../monitor-ports.ts";

/** Tasks for one RegionProber. All tasks of an origin stay in one lane, because a dependency group runs in one place. */
export interface Lane {
  vantage: Vantage;
  index: number;
  tasks: ProbeTask[];
}

/** Splits tasks by vantage and lane. Pure; the tasks of a lane keep their order. */
export function lanesOf(tasks: readonly ProbeTask[], lanes: number): Lane[] {
  const byName = new Map<string, Lane>();
  for (const task of tasks) {
    const index = laneOf(task.target.name, lanes);
    const name = `${task.vantage}:${index}`;
    let lane = byName.get(name);
    if (lane === undefined) {
      lane = { vantage: task.vantage, index, tasks: [] };
      byName.set(name, lane);
    }
    lane.tasks.push(task);
  }
  return [...byName.values()];
}

/** The lanes in starting order. The order rotates from slot to slot: lanes after the first six have to wait. */
export function lanesInTurn(tasks: readonly ProbeTask[], lanes: number, gridMs: number): Lane[] {
  const all = lanesOf(tasks, lanes).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return rotated(all, Math.floor((tasks[0]?.slot ?? 0) / gridMs));
}

const nameOf = ({ vantage, index }: Lane): string => `${vantage}:${index}`;

/** What running probes needs from outside. */
export interface DispatchPorts {
  /** What a batch needs that runs here, but for its time. */
  here: Omit<BatchDeps, "timeoutMs" | "onSample">;
  /** The RegionProber that runs a lane. */
  prober: (lane: Lane) => { run(batch: Batch): Promise<BatchResult> };
  /** Epoch ms. */
  now: () => number;
  log: (event: WatchEvent) => void;
}

/** Runs local orders here and all others in their region's lanes; a lane that breaks costs its own orders only. */
export async function dispatchTasks(
  ports: DispatchPorts,
  ...[tasks, deadlineAt, deliver, { lanes, gridMs }]: Parameters<RunProbes>
): Promise<void> {
  const gate = new Semaphore(LANES_AT_ONCE);
  const runLane = async (lane: Lane): Promise<void> => {
    try {
      if (lane.vantage === LOCAL_VANTAGE) await runHere(ports, lane, deadlineAt, deliver);
      else await gate.run(() => runInRegion(ports, lane, deadlineAt, deliver));
    } catch (error) {
      ports.log({ event: "error", place: `vantage ${lane.vantage}`, error: bugTrace(error) });
    }
  };
  await Promise.all(lanesInTurn(tasks, lanes, gridMs).map(runLane));
}

async function runHere(
  { here, now }: DispatchPorts,
  { tasks }: Lane,
  deadlineAt: number,
  deliver: Deliver,
): Promise<void> {
  const timeoutMs = Math.max(1, deadlineAt - now());
  await runBatch(tasks, { ...here, timeoutMs, onSample: (sample) => deliver([sample]) });
}

async function runInRegion(ports: DispatchPorts, lane: Lane, deadlineAt: number, deliver: Deliver): Promise<void> {
  const { installation, imports } = ports.here;
  const timeoutMs = Math.max(1, deadlineAt - ports.now());
  const { samples } = await ports.prober(lane).run({ tasks: lane.tasks, installation, imports, timeoutMs });
  deliver(samples);
}

type Deliver = Parameters<RunProbes>[2];
