import { Semaphore } from "../../lib/semaphore.ts";
import { LANES_AT_ONCE } from "../../model/probing/placement.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import type { RunProbes } from "../monitor-ports.ts";
import { type Lane, lanesInTurn } from "./lanes.ts";

/** `sizes` are asked anew for every batch. Sends local orders to `local` and all others to their region's lanes; a lane that breaks costs its own orders only. */
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
