import { ZAKO_FAMILIES as F, PROBE_SOURCE } from "../../model/families/zako-families.ts";
import type { ProbeKind } from "../kind.ts";
import { CanaryOptions } from "../zako/canary-options.ts";
import { attemptOf, caveatOf, verifyWrite, writeCanary, writingOf } from "../zako/canary-write.ts";

export const transportUpload: ProbeKind<CanaryOptions> = {
  kind: "transport.upload",
  doc: "Uploads a small canary, new in each interval, and checks at once that it is present and readable.",
  tier: "transport",
  schedule: "single_writer",
  recheck: "budget",
  defaults: { enabled: true, intervalMs: 600_000, timeoutMs: 10_000, critical: true },
  options: CanaryOptions,
  calls: () => 3,
  writesBytes: ({ size_bytes }) => size_bytes,
  tokensIssued: 0,
  steps: ["upload", "present", "download"],
  minorSteps: [],
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
  ],
  initial: () => [
    { family: F.casRequests.name, labels: { ...PROBE_SOURCE, method: "NegotiateBlobs", code: "ok" } },
    { family: F.uploadBytes.name, labels: PROBE_SOURCE },
    { family: F.uploadDuration.name, labels: PROBE_SOURCE },
    { family: F.throughput.name, labels: { ...PROBE_SOURCE, direction: "upload" } },
    { family: F.alreadyExists.name, labels: PROBE_SOURCE },
    { family: F.integrityFailures.name, labels: { ...PROBE_SOURCE, probe: "transport.upload" } },
  ],

  prepare: (task, { size_bytes }, now) => attemptOf(task, size_bytes, now),

  async run(run) {
    const writing = writingOf(run, run.options.size_bytes);
    const written = await writeCanary(run, writing);
    // A blob that was not accepted cannot be present: further steps would only repeat the failure under other names.
    if (written === "refused") return undefined;
    await verifyWrite(run, writing, written, true);
    return caveatOf(run, written);
  },
};
