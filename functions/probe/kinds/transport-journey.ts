import { ZAKO_FAMILIES as F, PROBE_SOURCE } from "../../model/families/zako-families.ts";
import { oldestStored, storedSince } from "../../model/probing/canary.ts";
import { failure } from "../../model/probing/failure.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { failed, OK, skipped } from "../step-result.ts";
import { CanaryOptions } from "../zako/canary-options.ts";
import {
  attemptOf,
  caveatOf,
  knownCanary,
  periodOf,
  readCanary,
  verifyWrite,
  type Writing,
  writeCanary,
  writingOf,
} from "../zako/canary-write.ts";
import { askAbsent, askPresent } from "../zako/negotiate-blobs.ts";
import { downloadWhole } from "../zako/transfer.ts";

export const transportJourney: ProbeKind<CanaryOptions> = {
  kind: "transport.journey",
  doc: "Follows a new blob: missing, uploaded, present, downloaded from another vantage; also reads the oldest canary back.",
  tier: "transport",
  schedule: "single_writer",
  recheck: "budget",
  defaults: { enabled: true, intervalMs: 1_800_000, timeoutMs: 10_000, critical: true },
  options: CanaryOptions,
  calls: () => 5,
  writesBytes: ({ size_bytes }) => size_bytes,
  tokensIssued: 0,
  steps: ["absent", "upload", "present", "download", "oldest"],
  minorSteps: ["oldest"],
  families: [
    F.casRequests,
    F.tokensIssued,
    F.uploadBytes,
    F.uploadDuration,
    F.downloadBytes,
    F.downloadDuration,
    F.throughput,
    F.chunkSize,
    F.chunkErrors,
    F.stall,
    F.alreadyExists,
    F.integrityFailures,
    F.lastCommit,
    F.canaryRetention,
  ],
  initial: () => [
    { family: F.casRequests.name, labels: { ...PROBE_SOURCE, method: "NegotiateBlobs", code: "ok" } },
    { family: F.uploadBytes.name, labels: PROBE_SOURCE },
    { family: F.downloadBytes.name, labels: PROBE_SOURCE },
    { family: F.alreadyExists.name, labels: PROBE_SOURCE },
    { family: F.integrityFailures.name, labels: { ...PROBE_SOURCE, probe: "transport.journey" } },
  ],

  // A follower writes nothing.
  prepare: (task, { size_bytes }, now) => (task.role === "follower" ? {} : attemptOf(task, size_bytes, now)),

  run: (run) => (run.task.role === "follower" ? follow(run) : lead(run)),
};

/** The first writer's part; a vantage that is alone goes the whole way. */
async function lead(run: Run<CanaryOptions>) {
  const writing = writingOf(run, run.options.size_bytes);
  await run.step("absent", async () =>
    writing.earlierAttempts > 0 ? skipped(MAY_BE_THERE) : askAbsent(run, writing.blob),
  );
  const written = await writeCanary(run, writing);
  if (written !== "refused") {
    // If the store claims that the blob existed before, reading it back decides.
    await verifyWrite(run, writing, written, run.task.role === "sole" || written !== "new");
  }
  await readOldest(run);
  return caveatOf(run, written);
}

const MAY_BE_THERE = failure("rpc_already_exists", true, {
  message: "not asked because an earlier write of this period's canary may have arrived",
});

/** The others' part: they read what the first writer wrote a slot ago. */
async function follow(run: Run<CanaryOptions>) {
  const known = knownCanary(run.task, run.options.size_bytes);
  if (known === undefined || storedSince(known) === undefined) {
    return { unproven: failure("no_blob", true, { message: "the first vantage wrote no blob in this period" }) };
  }
  const { blob, facts }: Writing = writingOf(run, run.options.size_bytes);
  const present = await run.step("present", () => askPresent(run, blob));
  await run.step("download", () => readCanary(run, blob, facts, present === "ok"));
  return undefined;
}

/** Reads the oldest canary there may be: its age is a lower bound of how long the store keeps blobs. */
async function readOldest(run: Run<CanaryOptions>): Promise<void> {
  const { memory, plan } = run.task;
  const oldest = oldestStored(memory.canaries, plan.kind, periodOf(run.task));
  if (oldest === undefined) return;
  await run.step("oldest", async (): Promise<StepResult> => {
    const { failure: cause } = await downloadWhole(run, oldest, { start: 0, length: 0 });
    const at = run.now();
    const { probe, period } = oldest;
    if (cause === undefined) {
      run.remember({ canaries: [{ probe, period, readAt: at }] });
      run.observe(F.canaryRetention, (at - (storedSince(oldest) ?? at)) / 1_000);
      return OK;
    }
    if (cause.reason !== "rpc_not_found") return failed(cause);
    // A cache may evict old blobs; that is measured, not judged.
    run.remember({ canaries: [{ probe, period, lostAt: at }] });
    return OK;
  });
}
