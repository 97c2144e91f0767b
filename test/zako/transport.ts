import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { BlobRange } from "../../proto/gen/zako/v1/range_pb.ts";
import type { BlobResource, Transport } from "../../proto/gen/zako/v1/transport_pb.ts";
import { type BlobStore, hashHex } from "./blob-store.ts";
import { type Call, callOf } from "./call.ts";
import { digestHex } from "./cas.ts";
import type { Counters } from "./counters.ts";

export interface TransportOptions {
  readonly store: BlobStore;
  readonly counters: Counters;
  /** Longest blob that an upload may bring. */
  readonly maxBlobBytes: number;
  /** How many bytes of a blob one message of a download carries. */
  readonly chunkBytes: number;
}

/** The data plane: blobs in and out. */
export function createTransport(options: TransportOptions): ServiceImpl<typeof Transport> {
  const { store, counters } = options;
  return {
    async *download({ metadata }, context) {
      const call = callOf(context.values);
      const { hex, range } = readResource(metadata, call);
      const stored = store.get(hex);
      if (stored === undefined) {
        counters.cacheMisses++;
        throw notFound(hex);
      }
      counters.cacheHits++;
      const content = call.decide("content", { bytes: stored, store }).bytes;
      const part = call.decide("honoursRange", true) ? cut(content, range) : content;
      const sent = call.decide("sent", part);
      for (let at = 0; at < sent.length; at += options.chunkBytes) {
        const data = sent.subarray(at, at + options.chunkBytes) as Uint8Array<ArrayBuffer>;
        counters.downloadedBytes += data.length;
        yield { data };
      }
    },

    async upload(requests, context) {
      const call = callOf(context.values);
      let resource: { hex: string; sizeBytes: bigint } | undefined;
      const chunks: Uint8Array[] = [];
      let received = 0;
      for await (const { payload } of requests) {
        if (resource === undefined) {
          if (payload.case !== "metadata") {
            throw new ConnectError("the first message must be the metadata", Code.FailedPrecondition);
          }
          const { hex, digest } = readResource(payload.value, call);
          if (call.decide("saysAlreadyExists", store.has(hex))) throw alreadyExists(hex);
          resource = { hex, sizeBytes: digest.sizeBytes };
          continue;
        }
        if (payload.case === "metadata" && !call.decide("refusesSecondMetadata", true)) continue;
        if (payload.case !== "chunk") {
          const what = payload.case === "metadata" ? "a second metadata" : "an empty message";
          throw new ConnectError(`only chunks may follow the metadata, this is ${what}`, Code.InvalidArgument);
        }
        received += payload.value.length;
        counters.uploadedBytes += payload.value.length;
        if (received > options.maxBlobBytes) {
          throw new ConnectError(`a blob may have ${options.maxBlobBytes} bytes`, Code.ResourceExhausted);
        }
        chunks.push(payload.value);
      }
      if (resource === undefined) {
        throw new ConnectError("the first message must be the metadata, there was none", Code.FailedPrecondition);
      }
      const bytes = Buffer.concat(chunks);
      if (call.decide("checksLength", true)) checkLength(resource, bytes);
      if (call.decide("checksContent", true)) checkContent(resource, bytes);
      // Another upload of the same blob may have ended first.
      if (store.has(resource.hex)) throw alreadyExists(resource.hex);
      if (call.decide("keepsUploads", true) && !store.keep(resource.hex, bytes)) {
        throw new ConnectError(`the store holds at most ${store.maxBytes} bytes`, Code.ResourceExhausted);
      }
      return { committedSize: call.decide("committedSize", BigInt(bytes.length)) };
    },
  };
}

function readResource(resource: BlobResource | undefined, call: Call) {
  if (resource === undefined) throw new ConnectError("the metadata is missing", Code.InvalidArgument);
  const { digest, range } = resource;
  if (digest === undefined) throw new ConnectError("the metadata has no digest", Code.InvalidArgument);
  if (range === undefined) throw new ConnectError("the metadata has no range", Code.InvalidArgument);
  return { hex: digestHex(digest, call), digest, range };
}

/** The bytes a range means. The contract says that a bad range is refused, not how: here it is `out_of_range`. */
function cut(bytes: Uint8Array, { start, length }: BlobRange): Uint8Array {
  if (length === 0n) throw new ConnectError("a range of no bytes", Code.InvalidArgument);
  const size = BigInt(bytes.length);
  const end = length === undefined ? size : start + length;
  if (start >= size || end > size) {
    throw new ConnectError(`bytes ${start} to ${end} of a blob of ${size}`, Code.OutOfRange);
  }
  return bytes.subarray(Number(start), Number(end));
}

/** Wrong content is the caller's error, so `invalid_argument`; `data_loss` is for what the server itself has lost. */
function checkLength({ sizeBytes }: { sizeBytes: bigint }, bytes: Uint8Array): void {
  if (BigInt(bytes.length) !== sizeBytes) {
    throw new ConnectError(`the digest says ${sizeBytes} bytes, ${bytes.length} came`, Code.InvalidArgument);
  }
}

function checkContent({ hex }: { hex: string }, bytes: Uint8Array): void {
  const actual = hashHex(bytes);
  if (actual !== hex)
    throw new ConnectError(`the digest says ${hex}, the bytes hash to ${actual}`, Code.InvalidArgument);
}

/** The real server puts a path of its disk into this message. */
export function notFound(hex: string): ConnectError {
  return new ConnectError(`no such file: /var/cache/zako/cas/${hex.slice(0, 2)}/${hex}`, Code.NotFound);
}

function alreadyExists(hex: string): ConnectError {
  return new ConnectError(`the blob ${hex} is already there`, Code.AlreadyExists);
}
