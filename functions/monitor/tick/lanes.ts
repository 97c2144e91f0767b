import { rotated } from "../../lib/rotation.ts";
import { laneOf } from "../../model/probing/placement.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Vantage } from "../../model/probing/vantage.ts";

/** Tasks for one RegionProber. All tasks of an origin stay in one lane, because a dependency group runs in one place. */
export interface Lane {
  vantage: Vantage;
  index: number;
  tasks: ProbeTask[];
}

/** Splits tasks by vantage and lane. Pure; the tasks of a lane keep their order. */
function lanesOf(tasks: readonly ProbeTask[], lanes: number): Lane[] {
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
