import { rotated } from "../../lib/rotation.ts";
import { laneOf } from "../../model/probing/placement.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Vantage } from "../../model/probing/vantage.ts";

/** Orders for one RegionProber. All orders of an origin stay in one lane, since a ladder is climbed in one place. */
export interface Lane {
  vantage: Vantage;
  index: number;
  tasks: ProbeTask[];
}

/** Splits orders by vantage and lane. Pure; the orders of a lane keep their order. */
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

/** The lanes in the order in which they begin. It rotates from slot to slot: beyond the first six a lane waits its turn. */
export function lanesInTurn(tasks: readonly ProbeTask[], lanes: number, gridMs: number): Lane[] {
  const all = lanesOf(tasks, lanes).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return rotated(all, Math.floor((tasks[0]?.slot ?? 0) / gridMs));
}

const nameOf = ({ vantage, index }: Lane): string => `${vantage}:${index}`;
