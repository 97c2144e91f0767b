import * as z from "zod";
import { MINUTE_MS } from "../../lib/time-units.ts";
import { ZAKO_FAMILIES as F, PROBE_SOURCE } from "../../model/families/zako-families.ts";
import { newestStored } from "../../model/probing/canary.ts";
import { failure } from "../../model/probing/failure.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { ProbeKind } from "../kind.ts";
import { failed, OK, refusal, wrong } from "../step-result.ts";
import type { Blob } from "../zako/blob.ts";
import { downloadPastEnd, downloadRange, downloadWhole, type Range } from "../zako/transfer.ts";

const MIB = 2 ** 20;

const Golden = z.strictObject({
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "is not a BLAKE3 digest; write its 64 hex digits in lower case")
    .meta({
      description: "BLAKE3-256 of the blob, 64 hex digits.",
      example: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    }),
  size_bytes: z
    .int()
    .min(1)
    .max(64 * MIB)
    .meta({ description: "Length of the blob in bytes.", example: 4_096 }),
});

const Options = z
  .strictObject({
    golden: Golden.optional().meta({
      description: "A blob that you put into the store and keep there. Default: the newest committed canary.",
    }),
    range_bytes: z
      .int()
      .min(1)
      .max(65_536)
      .default(1_024)
      .meta({ description: "Length of the range that is downloaded in addition to the whole blob." }),
    max_bytes: z
      .int()
      .min(1)
      .max(64 * MIB)
      .default(MIB)
      .meta({ description: "Largest golden blob allowed: each run downloads all of it." }),
  })
  .refine(({ golden, max_bytes }) => golden === undefined || golden.size_bytes <= max_bytes, {
    path: ["golden", "size_bytes"],
    error: "is larger than max_bytes; choose a smaller blob or raise max_bytes",
  });
type Options = z.output<typeof Options>;

export const transportDownload: ProbeKind<Options> = {
  kind: "transport.download",
  doc: "Downloads a known blob and verifies its BLAKE3 digest, then a range of it; expects a range past its end to be refused.",
  tier: "transport",
  schedule: "every",
  recheck: "safe",
  defaults: { enabled: true, intervalMs: MINUTE_MS, timeoutMs: 10_000, critical: true },
  options: Options,
  calls: () => 3,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["whole", "range", "past_end"],
  minorSteps: ["past_end"],
  families: [
    F.casRequests,
    F.tokensIssued,
    F.downloadBytes,
    F.downloadDuration,
    F.throughput,
    F.chunkSize,
    F.chunkErrors,
    F.stall,
    F.integrityFailures,
  ],
  initial: () => [
    { family: F.downloadBytes.name, labels: PROBE_SOURCE },
    { family: F.downloadDuration.name, labels: PROBE_SOURCE },
    { family: F.throughput.name, labels: { ...PROBE_SOURCE, direction: "download" } },
    { family: F.chunkSize.name, labels: PROBE_SOURCE },
    { family: F.stall.name, labels: PROBE_SOURCE },
    { family: F.integrityFailures.name, labels: { ...PROBE_SOURCE, probe: "transport.download" } },
  ],

  async run(run) {
    const blob = blobOf(run.task, run.options);
    if (blob === undefined) {
      return { unproven: failure("no_blob", true, { hint: "set the key `golden`, or enable transport.upload" }) };
    }
    const range = rangeOf(blob, run.options.range_bytes, run.task.slot);
    let kept: Uint8Array | undefined;
    await run.step("whole", async () => {
      const download = await downloadWhole(run, blob, range);
      if (download.failure !== undefined) return failed(download.failure);
      kept = download.kept;
      return OK;
    });
    const expected = kept;
    // Without the whole blob, a range cannot be compared.
    if (expected !== undefined) {
      await run.step("range", async () => {
        const cause = await downloadRange(run, blob, range, expected);
        return cause === undefined ? OK : failed(cause);
      });
    }
    await run.step("past_end", async () =>
      refusal(
        await downloadPastEnd(run, blob),
        ["rpc_out_of_range", "rpc_invalid_argument", "rpc_failed_precondition"],
        wrong("invalid_answer", "a range past the blob's end was not refused"),
      ),
    );
    return undefined;
  },
};

function blobOf({ memory }: ProbeTask, { golden }: Options): Blob | undefined {
  return golden === undefined ? newestStored(memory.canaries) : { digest: golden.digest, sizeBytes: golden.size_bytes };
}

/** A range that moves from slot to slot, so that over time every part of the blob is read. */
function rangeOf({ sizeBytes }: Blob, rangeBytes: number, slot: number): Range {
  const length = Math.min(rangeBytes, sizeBytes);
  return { start: (Math.floor(slot / 1_000) * 7_919) % (sizeBytes - length + 1), length };
}
