/// <reference path="../../node-zlib.d.ts" />
import { constants, gunzipSync, zstdDecompressSync } from "node:zlib";
import { zstdFrames } from "./zstd-frames.ts";

/** Most bytes of a body as it is sent, and once unpacked: a full export of the SDKs' default batch is below 200 KB. */
export const MOST_SENT_BYTES = 2 ** 20;
export const MOST_BODY_BYTES = 4 * 2 ** 20;
/** Encodings that are unpacked, as `Accept-Encoding` lists them. */
export const ENCODINGS = "gzip, zstd";
/** Most memory that a zstd body may ask for: 8 MiB, what senders must not exceed by its RFC. */
const MOST_WINDOW_LOG = 23;

/** Why a body was not read. */
type BodyProblem = "encoding" | "oversize" | "malformed";

type Read = { ok: true; bytes: Uint8Array } | { ok: false; problem: BodyProblem };

/** Reads a request's body under both limits. What is not read is cancelled, and a bomb is never unpacked to its end. */
export async function readBody(request: Request): Promise<Read> {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  const unpack = UNPACKERS.get(encoding);
  if (unpack === undefined) return refuse(request, "encoding");
  if (Number(request.headers.get("content-length") ?? 0) > MOST_SENT_BYTES) return refuse(request, "oversize");
  if (request.body === null) return { ok: true, bytes: new Uint8Array() };
  const sent = await gather(request.body);
  if (sent === undefined) return { ok: false, problem: "oversize" };
  try {
    return { ok: true, bytes: unpack(sent) };
  } catch (error) {
    return { ok: false, problem: error instanceof RangeError ? "oversize" : "malformed" };
  }
}

/** Unpacks a body; throws a RangeError if it becomes too large, and something else if it is damaged. */
type Unpacker = (bytes: Uint8Array) => Uint8Array;

const plain: Unpacker = (bytes) => bytes;
// Members of gzip may follow each other: senders that stream write one per batch.
const gunzip: Unpacker = (bytes) => gunzipSync(bytes, { maxOutputLength: MOST_BODY_BYTES });
const UNPACKERS: ReadonlyMap<string, Unpacker> = new Map([
  ["", plain],
  ["identity", plain],
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["zstd", unzstd],
]);

function unzstd(bytes: Uint8Array): Uint8Array {
  const frames = zstdFrames(bytes);
  if (frames === undefined) throw new Error("Cannot read zstd frames.");
  const parts: Uint8Array[] = [];
  let left = MOST_BODY_BYTES;
  for (const frame of frames) {
    if (left <= 0) throw new RangeError(`Cannot take more than ${MOST_BODY_BYTES} bytes.`);
    const params = { [constants.ZSTD_d_windowLogMax]: MOST_WINDOW_LOG };
    const part = zstdDecompressSync(frame, { maxOutputLength: left, params });
    left -= part.byteLength;
    parts.push(part);
  }
  return joined(parts);
}

async function refuse(request: Request, problem: BodyProblem): Promise<Read> {
  await request.body?.cancel().catch(() => {});
  return { ok: false, problem };
}

/** All of a body; undefined if it is larger than may be sent. */
async function gather(stream: ReadableStream<Uint8Array>): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of stream) {
    length += chunk.byteLength;
    if (length > MOST_SENT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return joined(chunks);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
