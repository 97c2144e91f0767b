import * as z from "zod";
import { DiagnosticsService } from "../../../proto/gen/zako/diagnostics/v1/diagnostics_pb.ts";
import { INSIDE_FAMILIES as F } from "../../model/families/inside-families.ts";
import { seconds, unanswered } from "../diagnostics/diagnostics.ts";
import { judgePool, observePool, POOLS } from "../diagnostics/worker-pools.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { failed, OK, wrong } from "../step-result.ts";

/** Share of the deadline that a task may wait, so that the probe can report both pools as stuck. */
const WAIT_SHARE = 0.4;
/** The contract's limit, ms. */
const MAX_WAIT_MS = 10_000;

const Options = z.strictObject({});
type Options = z.output<typeof Options>;

export const workerSubmit: ProbeKind<Options> = {
  kind: "worker.submit",
  doc: "Runs a trivial task in each worker pool; skipped if the server does not offer diagnostics.",
  tier: "inside",
  schedule: "rotating",
  recheck: "safe",
  // Long, because a task may wait for modules of real builds: a pool that is busy for seconds is not defective.
  defaults: { enabled: true, intervalMs: 300_000, timeoutMs: 20_000, critical: false },
  options: Options,
  calls: () => POOLS.length,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: POOLS.map(({ name }) => name),
  minorSteps: [],
  families: [
    F.activeThreads,
    F.busyThreads,
    F.minThreads,
    F.maxThreads,
    F.queueLength,
    F.queueWait,
    F.taskDuration,
    F.idleTimeouts,
    F.gcRuns,
    F.gcTime,
  ],
  // Most servers do not offer the service. Its series appear with the first answer.
  initial: () => [],

  async run(run) {
    for (const one of POOLS) {
      // A server without diagnostics for one pool has none for the other.
      if ((await run.step(one.name, () => submit(run, one))) === "skipped") break;
    }
    return undefined;
  },
};

async function submit(run: Run<Options>, { name, pool }: (typeof POOLS)[number]): Promise<StepResult> {
  const maxWaitMillis = Math.min(MAX_WAIT_MS, Math.ceil(run.task.plan.timeoutMs * WAIT_SHARE));
  const answer = await run.cas.call(DiagnosticsService.method.submitTask, [{ pool, maxWaitMillis }]);
  if (!answer.ok) {
    if (answer.failure.reason !== "rpc_resource_exhausted") return unanswered(answer);
    return failed({ ...answer.failure, hint: `the queue of pool ${name} is full` });
  }
  const { message } = answer;
  const odd = judgePool(pool, message);
  if (odd !== undefined || message.state === undefined) return odd ?? wrong("invalid_answer", "no state");
  observePool(run, name, message.state);
  run.observe(F.queueWait, seconds(message.queueWaitNanos), { pool: name });
  if (!message.ran) {
    return wrong(
      "queue_stuck",
      `no thread of pool ${name} took the task within ${maxWaitMillis} ms`,
      "its threads are busy or dead: check the pool's queue and running tasks",
    );
  }
  run.observe(F.taskDuration, seconds(message.runNanos), { pool: name });
  return OK;
}
