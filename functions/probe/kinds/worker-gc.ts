import * as z from "zod";
import { DiagnosticsService } from "../../../proto/gen/zako/diagnostics/v1/diagnostics_pb.ts";
import type { ThreadGc } from "../../../proto/gen/zako/diagnostics/v1/worker_pb.ts";
import { INSIDE_FAMILIES as F } from "../../model/families/inside-families.ts";
import { seconds, unanswered } from "../diagnostics/diagnostics.ts";
import { judgePool, POOLS } from "../diagnostics/worker-pools.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { OK, wrong } from "../step-result.ts";

const Options = z.strictObject({
  garbage_bytes: z
    .int()
    .min(16_384)
    .max(2 ** 20)
    .default(262_144)
    .meta({ description: "Garbage that each thread allocates first; at least half of it must be freed." }),
  slow_ms: z
    .int()
    .min(1)
    .max(60_000)
    .default(1_000)
    .meta({ description: "Duration of a broadcast, in milliseconds, above which the probe is degraded." }),
});
type Options = z.output<typeof Options>;

export const workerGc: ProbeKind<Options> = {
  kind: "worker.gc",
  doc: "Runs a garbage collection in each worker pool and checks that it frees memory in time. Runs rarely, because it pauses every thread.",
  tier: "inside",
  schedule: "rotating",
  recheck: "never",
  // Enabled, because Zako broadcasts collections itself and one pauses a thread only for milliseconds. Rare, because it pauses all threads.
  defaults: { enabled: true, intervalMs: 900_000, timeoutMs: 20_000, critical: false },
  options: Options,
  calls: () => POOLS.length,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: [...POOLS.map(({ name }) => name), "pause"],
  minorSteps: ["pause"],
  families: [F.gcDuration],
  initial: () => [],

  async run(run) {
    const pausesMs: number[] = [];
    for (const one of POOLS) {
      if ((await run.step(one.name, () => collect(run, one, pausesMs))) === "skipped") break;
    }
    if (pausesMs.length > 0) await run.step("pause", async () => judgePause(run.options, Math.max(...pausesMs)));
    return undefined;
  },
};

async function collect(
  run: Run<Options>,
  { name, pool }: (typeof POOLS)[number],
  pausesMs: number[],
): Promise<StepResult> {
  const garbageBytes = run.options.garbage_bytes;
  const answer = await run.cas.call(DiagnosticsService.method.broadcastGc, [{ pool, garbageBytes }]);
  if (!answer.ok) return unanswered(answer);
  const { message } = answer;
  const odd = judgePool(pool, message);
  if (odd !== undefined) return odd;
  run.observe(F.gcDuration, seconds(message.durationNanos), { pool: name });
  pausesMs.push(seconds(message.durationNanos) * 1_000);
  if (message.threads.length === 0) return wrong("invalid_answer", `no thread of pool ${name} took part`);
  const idle = message.threads.filter((thread) => cleanedBytes(thread) < garbageBytes / 2);
  if (idle.length === 0) return OK;
  return wrong(
    "gc_ineffective",
    `${idle.length} of ${message.threads.length} threads of pool ${name} did not free the garbage`,
  );
}

const cleanedBytes = ({ beforeBytes, afterBytes }: ThreadGc): number => Number(beforeBytes - afterBytes);

function judgePause({ slow_ms }: Options, pauseMs: number): StepResult {
  if (pauseMs <= slow_ms) return OK;
  return wrong("slow", `a GC broadcast took ${Math.round(pauseMs)} ms, more than the ${slow_ms} ms of slow_ms`);
}
