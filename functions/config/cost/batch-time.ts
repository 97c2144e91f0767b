import { dependencyGroups, type GroupPlace } from "../../model/probing/dependency-group.ts";
import { CONNECTIONS } from "../../model/probing/placement.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";

/** How runs of one batch take their time. */
export interface BatchPace {
  placeOf: (kind: string) => GroupPlace;
  /** How long a run takes, ms. */
  durationOf: (task: ProbeTask) => number;
  /** Nothing answers: only the root of each group is asked, for its whole timeout. */
  isDown?: boolean;
}

/** How long a batch takes, ms: six connections, each group's root before the rest, as `functions/probe/batch.ts` runs it. */
export function batchMs(tasks: readonly ProbeTask[], { placeOf, durationOf, isDown = false }: BatchPace): number {
  const line = new ConnectionLine();
  const rest: { readyAt: number; task: ProbeTask }[] = [];
  for (const group of dependencyGroups(tasks, placeOf)) {
    if (isDown) line.take(0, group.root.plan.timeoutMs);
    else {
      const readyAt = line.take(0, durationOf(group.root));
      for (const task of group.rest) rest.push({ readyAt, task });
    }
  }
  for (const { readyAt, task } of rest.toSorted((a, b) => a.readyAt - b.readyAt)) line.take(readyAt, durationOf(task));
  return line.endsAt;
}

/** Six connections; what comes takes the first that is free. */
export class ConnectionLine {
  readonly #free: number[];

  constructor(connections = CONNECTIONS) {
    this.#free = new Array<number>(connections).fill(0);
  }

  /** Takes a connection as soon as there is one; answers with the end, ms. */
  take(readyAt: number, durationMs: number): number {
    const first = this.#free.indexOf(Math.min(...this.#free));
    const endsAt = Math.max(readyAt, this.#free[first] as number) + durationMs;
    this.#free[first] = endsAt;
    return endsAt;
  }

  /** When the next one is free, ms. */
  get nextFree(): number {
    return Math.min(...this.#free);
  }

  /** When the last one ends, ms. */
  get endsAt(): number {
    return Math.max(...this.#free);
  }
}
