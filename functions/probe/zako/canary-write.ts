import { toHex } from "../../lib/hex.ts";
import { ZAKO_FAMILIES as F } from "../../model/families/zako-families.ts";
import { canaryOf, writingInDoubt } from "../../model/probing/canary.ts";
import { failure, type Reason } from "../../model/probing/failure.ts";
import type { Canary, CanaryName, MemoryPatch } from "../../model/probing/memory.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import { isRecheck, recheckId } from "../../model/probing/recheck.ts";
import type { Caveat, Run, StepResult } from "../kind.ts";
import { failed, OK, skipped, wrong } from "../step-result.ts";
import type { Blob } from "./blob.ts";
import { canaryContent } from "./canary-content.ts";
import { askPresent } from "./negotiate-blobs.ts";
import { downloadWhole, observeTransfer, upload } from "./transfer.ts";

/**
 * The period of a task's canary. A follower runs one slot after the writer, which may already be in the next period: it
 * takes the newest canary attempted in either.
 */
export function periodOf({ plan, slot, role, memory }: Pick<ProbeTask, "plan" | "slot" | "role" | "memory">): number {
  const period = Math.floor(slot / plan.intervalMs);
  if (role !== "follower") return period;
  return canaryOf(memory.canaries, plan.kind, period) === undefined &&
    canaryOf(memory.canaries, plan.kind, period - 1) !== undefined
    ? period - 1
    : period;
}

/** The name of a task's canary. A recheck writes one of its own; followers read the period's. */
function canaryName(task: ProbeTask): CanaryName {
  const name = { probe: task.plan.kind, period: periodOf(task) };
  return isRecheck(task) && task.role !== "follower" ? { ...name, recheck: recheckId(task) } : name;
}

/** What was known about the task's canary before its run. A canary of another size is another blob. */
export function knownCanary(task: ProbeTask, sizeBytes: number): Canary | undefined {
  const { probe, period, recheck } = canaryName(task);
  const known = canaryOf(task.memory.canaries, probe, period, recheck);
  return known?.sizeBytes === sizeBytes ? known : undefined;
}

/** Records that a write is about to be sent. A blob's bytes are charged once, with the first attempt. */
export function attemptOf(task: ProbeTask, sizeBytes: number, now: number): MemoryPatch {
  const known = knownCanary(task, sizeBytes);
  const attempts = known?.attempts ?? 0;
  return {
    canaries: [
      {
        ...canaryName(task),
        sizeBytes,
        attemptedAt: known?.attemptedAt ?? now,
        attempts: attempts + 1,
      },
    ],
    ...(attempts === 0 ? { writtenBytes: sizeBytes } : {}),
  };
}

/** The task's canary with its content and name. */
export interface Writing {
  readonly blob: Blob;
  readonly content: Uint8Array;
  /** Facts about it to remember. */
  readonly facts: Pick<Canary, "probe" | "period" | "recheck" | "sizeBytes" | "digest">;
  /** Writes that were sent before this run and may have arrived. */
  readonly earlierAttempts: number;
}

/** Derives the task's canary. */
export function writingOf(run: Run<unknown>, sizeBytes: number): Writing {
  const { target } = run.task;
  const name = canaryName(run.task);
  const content = canaryContent(run.installation, target.name, name.probe, name.period, sizeBytes, name.recheck);
  using hash = run.newHash();
  hash.update(content);
  const digest = toHex(hash.digest());
  return {
    blob: { digest, sizeBytes },
    content,
    facts: { ...name, sizeBytes, digest },
    earlierAttempts: knownCanary(run.task, sizeBytes)?.attempts ?? 0,
  };
}

/**
 * Result of a write. `there`: the store says that it has the blob, but this run's upload did not succeed. `refused`: it
 * does not say so, so there is nothing to verify.
 */
export type Written = "new" | "there" | "refused";

/**
 * The step `upload`: writes the canary. `already_exists` skips the step if an earlier write may have arrived; reading the
 * blob back decides. If none was ever sent, the answer is wrong and the step fails.
 */
export async function writeCanary(run: Run<unknown>, writing: Writing): Promise<Written> {
  let written: Written = "refused";
  await run.step("upload", async () => {
    const { blob, content, facts, earlierAttempts } = writing;
    const answer = await upload(run, blob, content);
    if (!answer.ok) {
      if (answer.failure.reason !== "rpc_already_exists") return failed(answer.failure);
      run.observe(F.alreadyExists, 1);
      written = "there";
      return earlierAttempts > 0 ? skipped(ARRIVED_BEFORE) : failed(NEVER_WRITTEN);
    }
    if (answer.message.committedSize !== BigInt(blob.sizeBytes)) {
      run.observe(F.integrityFailures, 1);
      written = "there";
      return wrong("corrupt", `the store committed a size that differs from the ${blob.sizeBytes} bytes sent`);
    }
    written = "new";
    const committedAt = run.now();
    run.remember({ canaries: [{ ...facts, committedAt }] });
    run.observe(F.uploadBytes, blob.sizeBytes);
    run.observe(F.lastCommit, committedAt / 1_000);
    observeTransfer(run, "upload", blob.sizeBytes, answer.observation.totalMs);
    return OK;
  });
  return written;
}

const ARRIVED_BEFORE = failure("rpc_already_exists", true, {
  message: "an earlier write of this period's canary arrived, so this run wrote nothing",
});
const NEVER_WRITTEN = failure("rpc_already_exists", true, {
  message: "the store answered already_exists for content that was never written",
  hint: "check for a full disk, and for a second installation of the same name that watches the same store",
});

/**
 * The steps `present` and `download` of a canary that was written or is said to be there; without `reads` only the first.
 * Where the store said that it has the blob and then reports it missing, reading it decides which of the two was wrong.
 */
export async function verifyWrite(
  run: Run<unknown>,
  { blob, facts }: Writing,
  written: Exclude<Written, "refused">,
  reads: boolean,
): Promise<void> {
  let isMissing = false;
  let isPresent = false;
  await run.step("present", async () => {
    const present = await askPresent(run, blob);
    const reason = reasonOf(present);
    isPresent = reason === undefined;
    isMissing = reads && written === "there" && (reason === "missing_but_present" || reason === "lost");
    return isMissing ? skipped(IN_DISPUTE) : present;
  });
  if (!reads) return;
  await run.step("download", async () => {
    const read = await readCanary(run, blob, facts, isPresent);
    if (!isMissing) return read;
    if (read.outcome === "ok") return wrong("missing_but_present", "a blob that can be read was reported missing");
    return reasonOf(read) === "lost" ? failed(NOT_THERE) : read;
  });
}

const reasonOf = (result: StepResult): Reason | undefined => ("failure" in result ? result.failure?.reason : undefined);

const IN_DISPUTE = failure("rpc_already_exists", true, {
  message: "the store reports a blob as missing that it answered already_exists for; reading it decides",
});
const NOT_THERE = failure("rpc_already_exists", true, {
  message: "the store answered already_exists for a blob that it does not have",
  hint: "check for a full disk",
});

/**
 * A step: reads a canary back completely. One that is not found is `present_but_unreadable` if the store has reported it
 * present (`isPresent`), else `lost`.
 */
export async function readCanary(
  run: Run<unknown>,
  blob: Blob,
  facts: Writing["facts"],
  isPresent: boolean,
): Promise<StepResult> {
  const { failure: cause } = await downloadWhole(run, blob, { start: 0, length: 0 });
  if (cause === undefined) {
    run.remember({ canaries: [{ ...facts, readAt: run.now() }] });
    return OK;
  }
  if (cause.reason !== "rpc_not_found") return failed(cause);
  run.remember({ canaries: [{ ...facts, lostAt: run.now() }] });
  return isPresent
    ? wrong("present_but_unreadable", "a committed canary that was reported present was not found")
    : wrong("lost", "a committed canary was not found");
}

/**
 * What the result of a write proves. A blob that already existed counts as healthy but not as recovery. While a recent
 * write is unacknowledged it does not even count as healthy; otherwise a server that stores but never answers would look
 * healthy every other time.
 */
export function caveatOf(run: Run<unknown>, written: Written): Caveat | undefined {
  if (written !== "there") return undefined;
  const { memory, plan } = run.task;
  const inDoubt = writingInDoubt(memory.canaries, plan.kind, periodOf(run.task), plan.thresholds.recoveries);
  return inDoubt ? { unproven: NOTHING_WRITTEN } : { recovers: false };
}

const NOTHING_WRITTEN = failure("rpc_already_exists", true, {
  message: "nothing was written because an earlier write had arrived; this does not prove that writing works",
});
