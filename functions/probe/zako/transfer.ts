import type { MessageInitShape } from "@bufbuild/protobuf";
import { type DownloadResponse, Transport, type UploadRequestSchema } from "../../../proto/gen/zako/v1/transport_pb.ts";
import { toHex } from "../../lib/hex.ts";
import { ZAKO_FAMILIES as F } from "../../model/families/zako-families.ts";
import { type Failure, failure } from "../../model/probing/failure.ts";
import type { Run } from "../kind.ts";
import type { Answer, StreamAnswer } from "../rpc/rpc.ts";
import { type Blob, wireDigest } from "./blob.ts";

/** Bytes of a blob. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** What a download came to. */
export interface Download {
  /** Absent when the bytes were all there and right. */
  readonly failure?: Failure;
  /** The bytes of the range that was to be kept, as far as they came. */
  readonly kept: Uint8Array;
}

/** Sizes of so many chunks of one transfer are reported: enough to see them, too few to fill a sample. */
const REPORTED_CHUNKS = 64;

/** A download may be this much longer on the wire than its bytes are, before it is cut off. */
const wireBytes = (sizeBytes: number): number => sizeBytes + Math.ceil(sizeBytes / 8) + 65_536;

/** Chunks of at most one stored byte each would be absurd; one per 16 bytes is allowed. */
const maxMessages = (sizeBytes: number): number => 1_024 + Math.ceil(sizeBytes / 16);

/** Downloads a whole blob and verifies it as it comes, keeping only `keep` of it. */
export async function downloadWhole(run: Run<unknown>, blob: Blob, keep: Range): Promise<Download> {
  using hash = run.newHash();
  const kept = new RangeCapture(keep);
  const chunkSizes: number[] = [];
  const answer = await requestDownload(run, blob, { start: 0n }, blob.sizeBytes, ({ data }) => {
    if (chunkSizes.length < REPORTED_CHUNKS) chunkSizes.push(data.byteLength);
    if (kept.seen <= blob.sizeBytes) hash.update(data);
    kept.add(data);
  });
  run.observe(F.stall, answer.observation.stallMs / 1_000);
  for (const size of chunkSizes) run.observe(F.chunkSize, size);
  const cause = answer.ok ? judgeBytes(kept.seen, blob, () => toHex(hash.digest())) : answer.failure;
  countDownload(run, kept.seen, answer.ok, cause);
  if (cause !== undefined) return { failure: cause, kept: kept.bytes };
  observeTransfer(run, "download", blob.sizeBytes, answer.observation.totalMs);
  return { kept: kept.bytes };
}

/** Downloads a range of a blob; `expected` are its bytes, where they are known. */
export async function downloadRange(
  run: Run<unknown>,
  blob: Blob,
  range: Range,
  expected: Uint8Array,
): Promise<Failure | undefined> {
  const kept = new RangeCapture({ start: 0, length: range.length });
  const wire = { start: BigInt(range.start), length: BigInt(range.length) };
  const answer = await requestDownload(run, blob, wire, range.length, ({ data }) => kept.add(data));
  const same = () => kept.bytes.every((byte, at) => byte === expected[at]);
  const cause = answer.ok ? judgeRange(kept.seen, range.length, same) : answer.failure;
  countDownload(run, kept.seen, answer.ok, cause);
  return cause;
}

/** Asks for bytes past a blob's end; answers what the server made of it. */
export function downloadPastEnd(run: Run<unknown>, blob: Blob): Promise<StreamAnswer> {
  return requestDownload(run, blob, { start: BigInt(blob.sizeBytes), length: 1n }, blob.sizeBytes, () => {});
}

function requestDownload(
  run: Run<unknown>,
  blob: Blob,
  range: { start: bigint; length?: bigint },
  sizeBytes: number,
  onMessage: (message: DownloadResponse) => void,
): Promise<StreamAnswer> {
  return run.transport.stream(
    Transport.method.download,
    [{ metadata: { digest: wireDigest(blob), range } }],
    onMessage,
    { maxBytes: wireBytes(sizeBytes), maxMessages: maxMessages(sizeBytes) },
  );
}

/** Uploads a blob in one chunk and in one body; it is never sent twice. */
export async function upload(
  run: Run<unknown>,
  blob: Blob,
  content: Uint8Array,
): Promise<Answer<typeof Transport.method.upload.output>> {
  const requests: MessageInitShape<typeof UploadRequestSchema>[] = [
    // The range is ignored, and demanded.
    { payload: { case: "metadata", value: { digest: wireDigest(blob), range: { start: 0n } } } },
    { payload: { case: "chunk", value: content } },
  ];
  return run.transport.call(Transport.method.upload, requests);
}

/** Durations and throughput of a whole blob that went through. */
export function observeTransfer(
  run: Run<unknown>,
  direction: "upload" | "download",
  sizeBytes: number,
  ms: number,
): void {
  const up = direction === "upload";
  run.observe(up ? F.uploadDuration : F.downloadDuration, ms / 1_000);
  // The platform's clock stands still between I/O, so a transfer may seem to take no time at all.
  if (ms > 0) run.observe(F.throughput, (sizeBytes / ms) * 1_000, { direction });
}

function judgeBytes(seen: number, blob: Blob, digest: () => string): Failure | undefined {
  const wrongCount = judgeCount(seen, blob.sizeBytes);
  if (wrongCount !== undefined) return wrongCount;
  if (digest() === blob.digest) return undefined;
  return failure("corrupt", true, { message: "the content does not match the blob's digest" });
}

function judgeRange(seen: number, length: number, same: () => boolean): Failure | undefined {
  const wrongCount = judgeCount(seen, length);
  if (wrongCount !== undefined) return wrongCount;
  if (same()) return undefined;
  return failure("corrupt", true, { message: "the range differs from the same part of the whole blob" });
}

function judgeCount(seen: number, wanted: number): Failure | undefined {
  if (seen < wanted) {
    return failure("truncated", true, {
      message: `the download ended without an error after ${seen} of ${wanted} bytes`,
    });
  }
  if (seen > wanted) {
    return failure("oversize", true, { message: `the download returned more than the ${wanted} bytes requested` });
  }
  return undefined;
}

/** Wrong bytes that the server delivered as if all were well (`endedWell`) are broken integrity; a lost connection is not. */
function countDownload(run: Run<unknown>, seen: number, endedWell: boolean, cause: Failure | undefined): void {
  if (seen > 0) run.observe(F.downloadBytes, seen);
  if (cause === undefined) return;
  if (endedWell) run.observe(F.integrityFailures, 1);
  if (seen > 0) run.observe(F.chunkErrors, 1, { reason: cause.reason });
}

/** Keeps one range of the bytes that pass by. */
class RangeCapture {
  readonly #range: Range;
  readonly #buffer: Uint8Array;
  /** Bytes that have passed by. */
  seen = 0;

  constructor(range: Range) {
    this.#range = range;
    this.#buffer = new Uint8Array(range.length);
  }

  add(data: Uint8Array): void {
    const from = Math.max(this.#range.start - this.seen, 0);
    const to = Math.min(this.#range.start + this.#range.length - this.seen, data.byteLength);
    if (from < to) this.#buffer.set(data.subarray(from, to), this.seen + from - this.#range.start);
    this.seen += data.byteLength;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, Math.max(0, Math.min(this.#range.length, this.seen - this.#range.start)));
  }
}
