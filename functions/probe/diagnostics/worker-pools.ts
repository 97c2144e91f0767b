import { Pool, type PoolState } from "../../../proto/gen/zako/diagnostics/v1/worker_pb.ts";
import { INSIDE_FAMILIES as F } from "../../model/families/inside-families.ts";
import type { Run, StepResult } from "../kind.ts";
import { wrong } from "../step-result.ts";
import { seconds } from "./diagnostics.ts";

/** The pools of a Zako, with their names in steps and in the label `pool`. */
export const POOLS = [
  { name: "oxc", pool: Pool.OXC },
  { name: "v8", pool: Pool.V8 },
] as const;

export type PoolName = (typeof POOLS)[number]["name"];

/** The failure if an answer about a pool is inconsistent; otherwise undefined. */
export function judgePool(
  asked: Pool,
  { pool, state }: { pool: Pool; state?: PoolState | undefined },
): StepResult | undefined {
  if (pool !== asked) return wrong("invalid_answer", "the answer is about a different pool");
  const settings = state?.settings;
  if (state === undefined || settings === undefined) {
    return wrong("invalid_answer", "the answer has no state of the pool");
  }
  const fits =
    state.busyThreads <= state.activeThreads &&
    state.activeThreads <= settings.maxWorkers &&
    settings.minWorkers <= settings.maxWorkers &&
    state.queueLength <= settings.queueCapacity;
  return fits ? undefined : wrong("invalid_answer", "the numbers of the pool are inconsistent");
}

/**
 * Reports a pool. Totals come from only one kind of probe: answers of two concurrent probes could arrive out of order and
 * look like a restart.
 */
export function observePool(run: Run<unknown>, name: PoolName, state: PoolState): void {
  const pool = { pool: name };
  run.observe(F.activeThreads, state.activeThreads, pool);
  run.observe(F.busyThreads, state.busyThreads, pool);
  run.observe(F.minThreads, state.settings?.minWorkers ?? 0, pool);
  run.observe(F.maxThreads, state.settings?.maxWorkers ?? 0, pool);
  run.observe(F.queueLength, state.queueLength, pool);
  const since = Number(state.sinceUnixMillis);
  run.reportTotal(F.idleTimeouts, Number(state.idleTimeoutsTotal), since, pool);
  run.reportTotal(F.gcRuns, Number(state.gcRunsTotal), since, pool);
  run.reportTotal(F.gcTime, seconds(state.gcTimeNanosTotal), since, pool);
}
