import { inject } from "vitest";
import { Blake3 } from "../../functions/lib/blake3.ts";
import { toHex } from "../../functions/lib/hex.ts";
import { type Canary, EMPTY_MEMORY, type TargetMemory } from "../../functions/model/probing/memory.ts";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import type { ProbePlan, Target } from "../../functions/model/probing/target.ts";
import { findKind } from "../../functions/probe/kinds/registry.ts";
import type { RunDeps } from "../../functions/probe/run.ts";
import { canaryContent } from "../../functions/probe/zako/canary-content.ts";
import { blake3 } from "../blake3.ts";
import { putBlob } from "../zako-control.ts";

/** Start of the slot that tests run in: the start of an interval of every kind. */
export const SLOT = 1_800_000 * 994_000;

/** A kind with its defaults, as the config would plan it. */
export function planOf(kindName: string, options: object = {}, rest: Partial<ProbePlan> = {}): ProbePlan {
  const kind = findKind(kindName);
  if (kind === undefined) throw new Error(`no kind ${kindName}`);
  return {
    kind: kindName,
    intervalMs: kind.defaults.intervalMs,
    timeoutMs: kind.defaults.timeoutMs,
    critical: kind.defaults.critical,
    thresholds: { failures: 2, outOf: 3, recoveries: 3 },
    options: kind.options.parse(options) as Record<string, unknown>,
    ...(kind.outside === undefined ? {} : { outside: kind.outside(kind.options.parse(options), inject("zako")) }),
    ...rest,
  };
}

/** A target at the shared reference Zako. */
export function targetOf(rest: Partial<Target> = {}): Target {
  const url = inject("zako");
  return {
    name: "zako",
    casUrl: url,
    transportUrl: url,
    protocol: "grpc-web",
    labels: {},
    budgets: { writeBytesPerDay: 1 << 24, tokensPerDay: 1_000 },
    probes: [],
    ...rest,
  };
}

/** A task for one kind, as a Monitor without regions makes it. */
export function taskOf(kindName: string, rest: Partial<ProbeTask> = {}): ProbeTask {
  return {
    target: targetOf(),
    plan: planOf(kindName),
    vantage: "local",
    slot: SLOT,
    attempt: 0,
    role: "sole",
    memory: EMPTY_MEMORY,
    ...rest,
  };
}

/** What runs need; a bug of ours fails the test that met it. */
export function depsOf(rest: Partial<RunDeps> = {}): RunDeps {
  return {
    installation: "test",
    secret: () => undefined,
    fetcher: () => undefined,
    newHash: () => new Blake3(),
    onBug: (place, error) => {
      throw new Error(`bug in ${place}`, { cause: error });
    },
    ...rest,
  };
}

/** Puts a canary of an earlier period into a reference Zako's store, and says what the memory knows of it. */
export async function storedCanary(
  probe: string,
  period: number,
  committedAt: number,
  control = inject("zakoControl"),
): Promise<Canary> {
  const content = canaryContent("test", "zako", probe, period, 4_096);
  await putBlob(control, content);
  const digest = toHex(blake3(content));
  return { probe, period, sizeBytes: 4_096, digest, attemptedAt: committedAt, attempts: 1, committedAt };
}

/** The memory of a target whose last upload and an old journey were committed. */
export async function livedIn(control = inject("zakoControl")): Promise<TargetMemory> {
  const upload = SLOT / 600_000 - 1;
  const journey = SLOT / 1_800_000 - 8;
  return {
    ...EMPTY_MEMORY,
    pushedAt: Date.now(),
    canaries: [
      await storedCanary("transport.journey", journey, journey * 1_800_000, control),
      await storedCanary("transport.upload", upload, upload * 600_000, control),
    ],
  };
}

/** A sample in one line: `failed timeout: details timeout, unknown_protocol ok`. */
export function lineOf({ outcome, failure, steps }: Sample): string {
  const parts = steps.map((step) => {
    if (step.outcome === "ok") return `${step.name} ok`;
    return `${step.name} ${step.outcome === "skipped" ? "~" : ""}${step.failure?.reason}`;
  });
  return `${[outcome, failure?.reason].filter(Boolean).join(" ")}: ${parts.join(", ")}`;
}
