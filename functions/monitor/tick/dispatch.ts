import { rotated } from "../../lib/rotation.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import { LANES_AT_ONCE, laneOf } from "../../model/probing/placement.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import { LOCAL_VANTAGE, type Vantage } from "../../model/probing/vantage.ts";
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

/** Sends tasks to a region. Rejects if the region could not be reached or failed. */
export type RegionPort = (lane: Lane, deadlineAt: number) => ReturnType<RunProbes> | Promise<void>;

/** Sends local tasks to `local` and all others to their region's lanes. A failing lane affects only its own tasks. `sizes` is read for every batch. */
export function dispatchTasks(
  sizes: () => { lanes: number; gridMs: number },
  local: RunProbes,
  region: (lane: Lane, deadlineAt: number, deliver: Parameters<RunProbes>[2]) => Promise<void>,
  onError: (lane: Lane, error: unknown) => void,
): RunProbes {
  return async (tasks, deadlineAt, deliver) => {
    const gate = new Semaphore(LANES_AT_ONCE);
    const { lanes, gridMs } = sizes();
    const runs = lanesInTurn(tasks, lanes, gridMs).map(async (lane) => {
      try {
        if (lane.vantage === LOCAL_VANTAGE) await local(lane.tasks, deadlineAt, deliver);
        else await gate.run(() => region(lane, deadlineAt, deliver));
      } catch (error) {
        onError(lane, error);
      }
    });
    await Promise.all(runs);
  };
}
