import { bugTrace } from "../../lib/bug-trace.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import { LANES_AT_ONCE } from "../../model/probing/placement.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import type { WatchEvent } from "../../model/watch-event.ts";
import { type BatchDeps, runBatch } from "../../probe/batch.ts";
import type { RunProbes } from "../monitor-ports.ts";
import type { RunsBatches } from "../probers/region-probers.ts";
import { type Lane, lanesInTurn } from "./lanes.ts";

/** What running probes needs from outside. */
export interface DispatchPorts {
  /** What a batch needs that runs here, but for its time. */
  here: Omit<BatchDeps, "timeoutMs" | "onSample">;
  /** Where `npm start` explains failures; absent in deployments. */
  lookUrl?: string | undefined;
  /** The RegionProber that runs a lane. */
  prober: (lane: Lane) => RunsBatches;
  /** Epoch ms. */
  now: () => number;
  log: (event: WatchEvent) => void;
}

/** Runs local tasks here and all others in their region's lanes; a lane that breaks costs its own tasks only. */
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
  const { samples } = await ports
    .prober(lane)
    .run({ tasks: lane.tasks, installation, imports, timeoutMs, lookUrl: ports.lookUrl });
  deliver(samples);
}

type Deliver = Parameters<RunProbes>[2];
