import { Blake3 } from "../../../functions/lib/blake3.ts";
import type { Config } from "../../../functions/model/config.ts";
import { EMPTY_MEMORY, type MemoryPatch } from "../../../functions/model/probing/memory.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import { runBatch } from "../../../functions/probe/batch.ts";
import { stubZako } from "./stub-zako.ts";

/** Makes samples as probes would, without probing. */
export type Rehearsed = (task: ProbeTask, now: number) => Sample;

/** Runs each probe once against the stub, and then gives its sample, with new names and times, for every order. */
export async function rehearse(config: Config): Promise<Rehearsed> {
  const [target] = config.targets;
  const vantage = config.vantages[0] ?? "local";
  const tasks = (target?.probes ?? []).map((plan): ProbeTask => {
    const slot = Math.floor(Date.now() / plan.intervalMs) * plan.intervalMs;
    return {
      target: target as ProbeTask["target"],
      plan,
      vantage,
      slot,
      attempt: 0,
      role: "sole",
      memory: EMPTY_MEMORY,
    };
  });
  const { samples } = await runBatch(tasks, {
    installation: "bench",
    timeoutMs: 10_000,
    secret: () => undefined,
    fetcher: () => undefined,
    newHash: () => new Blake3(),
    onBug: (_place, error) => {
      throw error;
    },
    fetch: stubZako(0, () => {}),
  });
  const byProbe = new Map(samples.map((sample) => [sample.probe, sample]));
  let made = 0;
  return (task, now) => {
    const like = byProbe.get(task.plan.kind);
    if (like === undefined || like.outcome !== "ok") throw new Error(`The rehearsal of ${task.plan.kind} went wrong.`);
    const durationMs = 5 + ((made++ * 7_919) % 400);
    const { target, plan, slot, attempt } = task;
    const { memory, ...rest } = like;
    return {
      ...rest,
      target: target.name,
      probe: plan.kind,
      vantage: task.vantage,
      slot,
      attempt,
      startedAt: now,
      durationMs,
      steps: like.steps.map((step) => ({ ...step, durationMs })),
      ...(memory === undefined ? {} : { memory: remembered(memory, task, now) }),
    };
  };
}

/** What a probe would have remembered of this order's own period and time. */
function remembered(memory: MemoryPatch, { slot, plan }: ProbeTask, now: number): MemoryPatch {
  if (memory.canaries === undefined) return memory;
  const period = Math.floor(slot / plan.intervalMs);
  const canaries = memory.canaries.map((canary) => ({
    ...canary,
    period,
    ...(canary.committedAt === undefined ? {} : { committedAt: now }),
    ...(canary.readAt === undefined ? {} : { readAt: now }),
  }));
  return { ...memory, canaries };
}
