import type { MessageInitShape } from "@bufbuild/protobuf";
import { type DownloadResponse, Transport, type UploadRequestSchema } from "../../../proto/gen/zako/v1/transport_pb.ts";
import { toHex } from "../../lib/hex.ts";
import { ZAKO_FAMILIES as F } from "../../model/families/zako-families.ts";
import { type Failure, failure } from "../../model/probing/failure.ts";
import type { Run } from "../kind.ts";
import type { Ask } from "../rpc/client.ts";
import type { Answer, StreamAnswer } from "../rpc/rpc.ts";
import { type Blob, wireDigest } from "./blob.ts";

/** A range of bytes of a blob. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** Result of a download. */
export interface Download {
  /** Absent if the content was complete and correct. */
  readonly failure?: Failure;
  /** Bytes of the range to keep, as far as received. */
  readonly kept: Uint8Array;
}

/** Number of chunk sizes reported per transfer: enough for statistics, few enough for a sample. */
const REPORTED_CHUNKS = 64;

/** Maximum bytes of a download on the wire, framing included; more are cut off. */
const wireBytes = (sizeBytes: number): number => sizeBytes + Math.ceil(sizeBytes / 8) + 65_536;

/** Maximum number of messages; allows chunks of only 16 bytes. */
const maxMessages = (sizeBytes: number): number => 1_024 + Math.ceil(sizeBytes / 16);

/** Downloads a whole blob and verifies it while streaming; keeps only the range `keep`. */
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

/** Downloads a range of a blob. `expected`: its content, if known. */
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

/**
 * Asks for one byte of a blob, which tells whether the store can still give it. `unknown`: something else was answered, or
 * nothing.
 */
export async function peekBlob(run: Run<unknown>, blob: Blob): Promise<"there" | "gone" | "unknown"> {
  let seen = 0;
  const answer = await requestDownload(run, blob, { start: 0n, length: 1n }, blob.sizeBytes, ({ data }) => {
    seen += data.byteLength;
  });
  if (answer.ok) return seen > 0 ? "there" : "unknown";
  return answer.failure.reason === "rpc_not_found" ? "gone" : "unknown";
}

/** Requests a range past a blob's end, and returns the server's answer. */
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

/** Uploads a blob in one chunk and one body; never retried. */
export async function upload(
  run: Run<unknown>,
  blob: Blob,
  content: Uint8Array,
  ask?: Ask,
): Promise<Answer<typeof Transport.method.upload.output>> {
  const requests: MessageInitShape<typeof UploadRequestSchema>[] = [
    // Servers require a range and ignore its value.
    { payload: { case: "metadata", value: { digest: wireDigest(blob), range: { start: 0n } } } },
    { payload: { case: "chunk", value: content } },
  ];
  return run.transport.call(Transport.method.upload, requests, ask);
}

/** Observes duration and throughput of a completed transfer. */
export function observeTransfer(
  run: Run<unknown>,
  direction: "upload" | "download",
  sizeBytes: number,
  ms: number,
): void {
  const up = direction === "upload";
  run.observe(up ? F.uploadDuration : F.downloadDuration, ms / 1_000);
  // The platform's clock only advances across I/O, so a transfer may seem to take no time.
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

/** Corrupt content in a transfer that ended without an error (`endedWell`) is an integrity failure; a lost connection is not. */
function countDownload(run: Run<unknown>, seen: number, endedWell: boolean, cause: Failure | undefined): void {
  if (seen > 0) run.observe(F.downloadBytes, seen);
  if (cause === undefined) return;
  if (endedWell) run.observe(F.integrityFailures, 1);
  if (seen > 0) run.observe(F.chunkErrors, 1, { reason: cause.reason });
}

/** Captures one range of a stream of bytes. */
class RangeCapture {
  readonly #range: Range;
  readonly #buffer: Uint8Array;
  /** Bytes seen so far. */
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
