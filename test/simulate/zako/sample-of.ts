import { INSIDE_FAMILIES as I } from "../../../functions/model/families/inside-families.ts";
import { PROBE_SOURCE, ZAKO_FAMILIES as Z } from "../../../functions/model/families/zako-families.ts";
import type { Family, Observation } from "../../../functions/model/metric.ts";
import { newestStored, storedSince } from "../../../functions/model/probing/canary.ts";
import { type Failure, failure } from "../../../functions/model/probing/failure.ts";
import type { MemoryPatch } from "../../../functions/model/probing/memory.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { Sample, Step } from "../../../functions/model/probing/sample.ts";
import type { ProbeKind, Run } from "../../../functions/probe/kind.ts";
import { attemptOf, caveatOf, knownCanary } from "../../../functions/probe/zako/canary-write.ts";
import { chanceOf } from "../world/random.ts";
import type { Answer } from "./fault.ts";
import type { Zako } from "./zako.ts";

const SIZE_BYTES = 4096;
const sizeOf = ({ plan }: ProbeTask): number => Number(plan.options["size_bytes"] ?? SIZE_BYTES);
const WRITES = new Set(["transport.upload", "transport.journey"]);
const AFTER_UPLOAD = new Set(["present", "download"]);

/** A run's result before it becomes a sample. */
interface Result {
  outcome: Sample["outcome"];
  failure?: Failure;
  steps: readonly Step[];
  observations: readonly Observation[];
  memory?: MemoryPatch;
  recovers?: false;
}

/** The sample that the real probe would have made of a server's answer. `at` is shown time, as the Monitor's. */
export function sampleOf(task: ProbeTask, kind: ProbeKind, zako: Zako, answer: Answer, at: number): Sample {
  const endedAt = at + answer.takesMs;
  const result = resultOf(task, kind, zako, answer, endedAt);
  const { outcome, steps, observations, memory, recovers } = result;
  return {
    target: task.target.name,
    probe: task.plan.kind,
    vantage: task.vantage,
    slot: task.slot,
    attempt: task.attempt,
    startedAt: at,
    durationMs: answer.takesMs,
    outcome,
    ...(result.failure === undefined ? {} : { failure: result.failure }),
    ...(recovers === undefined ? {} : { recovers }),
    steps,
    observations,
    ...(memory === undefined ? {} : { memory }),
    traceId: "0123456789abcdef0123456789abcdef",
  };
}

function resultOf(task: ProbeTask, kind: ProbeKind, zako: Zako, answer: Answer, endedAt: number): Result {
  if (answer.outcome === "ok" || answer.outcome === "degraded") return good(task, kind, zako, answer, endedAt);
  const { httpStatus } = answer;
  const more = httpStatus === undefined ? {} : { httpStatus };
  const cause = failure(answer.reason ?? "internal", answer.answered === true, more);
  if (answer.outcome === "skipped") {
    const steps = [stepOf(kind, answer, { outcome: "skipped", failure: cause })];
    return { outcome: "skipped", failure: cause, steps, observations: [] };
  }
  const observations = ofFailure(task.plan.kind, cause);
  // A write that broke after its upload had been taken.
  const isWritten = WRITES.has(task.plan.kind) && AFTER_UPLOAD.has(answer.step ?? "");
  const memory = isWritten ? committed(task, zako, endedAt) : undefined;
  return {
    outcome: "failed",
    failure: cause,
    steps: [stepOf(kind, answer, { outcome: "failed", failure: cause })],
    observations,
    ...(memory === undefined ? {} : { memory }),
  };
}

function good(task: ProbeTask, kind: ProbeKind, zako: Zako, answer: Answer, endedAt: number): Result {
  const ok: Result = { outcome: "ok", steps: [stepOf(kind, answer, { outcome: "ok" })], observations: [] };
  const see = (family: Family, value: number, more: Record<string, string> = {}): Observation => ({
    family: family.name,
    labels: { ...PROBE_SOURCE, ...more },
    value,
  });
  switch (task.plan.kind) {
    case "cas.details":
      return { ...ok, observations: [see(Z.recommendedConcurrency, 32)], memory: { token: "t", tokens: 1 } };
    case "cas.negotiate": {
      const known = newestStored(task.memory.canaries);
      if (known === undefined) return ok;
      const isMissing = !zako.stored.has(known.digest);
      const counted = [see(Z.requestedBlobs, 1), see(Z.missingBlobs, isMissing ? 1 : 0)];
      if (!isMissing) return { ...ok, observations: counted };
      return { ...failedStep(kind, answer, "present", failure("missing_but_present", true)), observations: counted };
    }
    case "transport.download": {
      const known = newestStored(task.memory.canaries);
      if (known === undefined)
        return { outcome: "skipped", failure: failure("no_blob", true), steps: [], observations: [] };
      if (!zako.stored.has(known.digest)) return failedStep(kind, answer, "whole", failure("rpc_not_found", true));
      return {
        ...ok,
        observations: [see(Z.downloadDuration, answer.takesMs / 1000), see(Z.downloadBytes, SIZE_BYTES)],
      };
    }
    case "transport.journey":
      if (task.role === "follower") return followed(task, ok, zako);
      return written(task, ok, zako, answer, endedAt);
    case "transport.upload":
      return written(task, ok, zako, answer, endedAt);
    case "worker.gc":
      return { ...ok, observations: [see(I.gcDuration, 0.05, { pool: "oxc" })] };
    case "engine.execute":
      return { ...ok, observations: [see(I.moduleExecution, 0.2)] };
    default:
      return ok;
  }
}

function failedStep(kind: ProbeKind, answer: Answer, step: string, cause: Failure): Result {
  const steps = [stepOf(kind, { ...answer, step }, { outcome: "failed", failure: cause })];
  return { outcome: "failed", failure: cause, steps, observations: [] };
}

/** Reading what the first vantage wrote a slot ago. */
function followed(task: ProbeTask, ok: Result, zako: Zako): Result {
  const known = knownCanary(task, sizeOf(task));
  if (known?.digest === undefined || storedSince(known) === undefined)
    return { outcome: "skipped", failure: failure("no_blob", true), steps: [], observations: [] };
  if (zako.stored.has(known.digest)) return ok;
  const cause = failure("present_but_unreadable", true);
  const steps: Step[] = [{ name: "download", durationMs: 20, outcome: "failed", failure: cause }];
  return { outcome: "failed", failure: cause, steps, observations: [] };
}

/** A write that the store takes, or that it took before. */
function written(task: ProbeTask, ok: Result, zako: Zako, answer: Answer, endedAt: number): Result {
  const isThere = zako.stored.has(digestOf(task));
  const memory = committed(task, zako, endedAt);
  if (!isThere) {
    const labels = PROBE_SOURCE;
    const observations = [
      { family: Z.uploadDuration.name, labels, value: answer.takesMs / 1000 },
      { family: Z.uploadBytes.name, labels, value: SIZE_BYTES },
      { family: Z.lastCommit.name, labels, value: endedAt / 1000 },
    ];
    return { ...ok, memory, observations };
  }
  const { canaries = [] } = memory;
  const read = { canaries: canaries.map(({ committedAt: _, ...rest }) => rest) };
  const observations = [{ family: Z.alreadyExists.name, labels: PROBE_SOURCE, value: 1 }];
  const caveat = caveatOf({ task } as Run<unknown>, "there");
  if (caveat?.unproven !== undefined)
    return { ...ok, outcome: "skipped", failure: caveat.unproven, memory: read, observations };
  return { ...ok, memory: read, observations, ...(caveat?.recovers === false ? { recovers: false } : {}) };
}

/** What is remembered of a write that the store has taken. */
function committed(task: ProbeTask, zako: Zako, endedAt: number): MemoryPatch {
  const [name] = attemptOf(task, sizeOf(task), endedAt).canaries ?? [];
  if (name === undefined) return {};
  const { attempts: _, attemptedAt: __, ...facts } = name;
  const digest = digestOf(task);
  zako.commit(digest);
  const known = knownCanary(task, sizeOf(task));
  return { canaries: [{ ...facts, digest, committedAt: known?.committedAt ?? endedAt, readAt: endedAt }] };
}

/** Names a task's content as its canary does. */
function digestOf(task: ProbeTask): string {
  const [name] = attemptOf(task, sizeOf(task), 0).canaries ?? [];
  const text = `${task.target.name} ${name?.probe} ${name?.period} ${name?.recheck ?? ""}`;
  const word = (i: number): string =>
    Math.floor(chanceOf(`${text} ${i}`) * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return Array.from({ length: 8 }, (_, i) => word(i)).join("");
}

const stepOf = (kind: ProbeKind, answer: Answer, judged: Pick<Step, "outcome" | "failure">): Step => ({
  name: answer.step ?? kind.steps[0] ?? "step",
  durationMs: answer.takesMs,
  ...judged,
});

/** What the real probes count beside the failure itself. */
function ofFailure(probe: string, { reason, answered }: Failure): Observation[] {
  const labels = PROBE_SOURCE;
  if (probe === "cas.details" && reason !== "address_drift")
    return [{ family: Z.detailsFailures.name, labels, value: 1 }];
  if (probe === "cas.negotiate" && reason === "missing_but_present")
    return [
      { family: Z.requestedBlobs.name, labels, value: 1 },
      { family: Z.missingBlobs.name, labels, value: 1 },
    ];
  if (reason === "corrupt")
    return [
      { family: Z.integrityFailures.name, labels: { ...labels, probe }, value: 1 },
      { family: Z.chunkErrors.name, labels: { ...labels, reason }, value: 1 },
    ];
  if (probe === "transport.download" && answered && reason === "truncated")
    return [{ family: Z.chunkErrors.name, labels: { ...labels, reason }, value: 1 }];
  return [];
}
