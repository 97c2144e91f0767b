import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { toHex } from "../../functions/lib/hex.ts";
import type { Protocol } from "../../functions/model/probing/protocol.ts";
import { HealthCheckResponseSchema } from "../../proto/gen/grpc/health/v1/health_pb.ts";
import {
  GetTransportDetailsRequestSchema,
  NegotiateBlobsRequestSchema,
  NegotiateBlobsResponseSchema,
  TransportDetailsSchema,
} from "../../proto/gen/zako/v1/cas_pb.ts";
import {
  DownloadRequestSchema,
  DownloadResponseSchema,
  UploadRequestSchema,
  UploadResponseSchema,
} from "../../proto/gen/zako/v1/transport_pb.ts";
import { blake3 } from "../blake3.ts";
import { frame, join, type ScriptedRequest } from "../probe/scripted-fetch.ts";
import { INSIDE } from "./honest-inside.ts";

/** An answer as it would stand on the wire. */
export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** Stands in every text that this server says; the prober must show it nowhere. */
export const SERVER_WORDS = "words-of-the-server";

const CODES = {
  invalid_argument: [3, 400],
  not_found: [5, 404],
  already_exists: [6, 409],
  failed_precondition: [9, 400],
  out_of_range: [11, 400],
  unauthenticated: [16, 401],
} as const;

/** What it tells of itself. */
const METRICS: WireAnswer = {
  status: 200,
  headers: { "content-type": "text/plain; version=0.0.4", server: SERVER_WORDS },
  body: new TextEncoder().encode(`# HELP zako_v1_cas_tokens_held ${SERVER_WORDS}
# TYPE zako_v1_cas_tokens_held gauge
zako_v1_cas_tokens_held 3
# TYPE zako_v1_cas_requests_total counter
zako_v1_cas_requests_total{method="NegotiateBlobs",code="ok"} 12
zako_v1_worker_queue_wait_seconds_bucket{pool="io",le="1"} 2
zako_v1_worker_queue_wait_seconds_bucket{pool="io",le="+Inf"} 3
zako_v1_worker_queue_wait_seconds_sum{pool="io"} 4.5
`),
};

type Outcome = { messages: Uint8Array[] } | { error: keyof typeof CODES };

/** Whether a digest is not of 32 bytes. */
const isCutOff = (request: Uint8Array): boolean =>
  fromBinary(NegotiateBlobsRequestSchema, request).blobDigests.some(({ blake3 }) => blake3.length !== 32);

/** A Zako without sockets: keeps the contract for what the probes ask, and is chatty about it. */
export class HonestZako {
  readonly #protocol: Protocol;
  readonly #blobs = new Map<string, Uint8Array>();

  constructor(protocol: Protocol, blobs: readonly Uint8Array[]) {
    this.#protocol = protocol;
    for (const blob of blobs) this.#blobs.set(toHex(blake3(blob)), blob);
  }

  answer({ url, init, body }: ScriptedRequest): WireAnswer {
    const method = url.slice(url.lastIndexOf("/") + 1);
    if (method === "metrics") return METRICS;
    const unary = method === "Check" || method === "GetTransportDetails" || Object.hasOwn(INSIDE, method);
    const framed = this.#protocol !== "connect" || !unary;
    return this.#encode(this.#decide(method, init, framed ? messagesOf(body) : [body]), framed);
  }

  #decide(method: string, init: RequestInit, requests: readonly Uint8Array[]): Outcome {
    const headers = init.headers as Record<string, string>;
    if (headers["authorization"]?.includes("never-handed-out")) return { error: "unauthenticated" };
    const inside = INSIDE[method];
    if (inside !== undefined) return { messages: [inside(first(requests))] };
    switch (method) {
      case "Check":
        return one(HealthCheckResponseSchema, { status: 1 });
      case "GetTransportDetails": {
        const { supportedProtocols } = fromBinary(GetTransportDetailsRequestSchema, first(requests));
        if (supportedProtocols.length === 0 || supportedProtocols.some((known) => known !== 0))
          return { error: "failed_precondition" };
        const ip = { ipAddr: { case: "v4" as const, value: 0x7f000001 } };
        const serverAddr = { ip, port: 9000 };
        return one(TransportDetailsSchema, {
          serverAddr: serverAddr as never,
          authToken: `token-${SERVER_WORDS}`,
          recommendedConcurrency: 8,
        });
      }
      case "NegotiateBlobs":
        if (requests.some(isCutOff)) return { error: "invalid_argument" };
        return {
          messages: requests.flatMap((request) => {
            const asked = fromBinary(NegotiateBlobsRequestSchema, request).blobDigests;
            const missing = asked.filter((digest) => !this.#blobs.has(toHex(digest.blake3)));
            if (missing.length === 0) return [];
            const answer = create(NegotiateBlobsResponseSchema, { missingBlobDigests: missing });
            return [toBinary(NegotiateBlobsResponseSchema, answer)];
          }),
        };
      case "Download":
        return this.#download(fromBinary(DownloadRequestSchema, first(requests)));
      default:
        return this.#upload(requests.map((request) => fromBinary(UploadRequestSchema, request)));
    }
  }

  #download({ metadata }: MessageShape<typeof DownloadRequestSchema>): Outcome {
    const blob = this.#blobs.get(toHex(metadata?.digest?.blake3 ?? new Uint8Array()));
    if (blob === undefined) return { error: "not_found" };
    const start = Number(metadata?.range?.start ?? 0n);
    const { length } = metadata?.range ?? {};
    if (length === 0n) return { error: "invalid_argument" };
    const end = length === undefined ? blob.length : start + Number(length);
    if (start >= blob.length || end > blob.length) return { error: "out_of_range" };
    const messages: Uint8Array[] = [];
    for (let at = start; at < end; at += 1_500) {
      const data = blob.slice(at, Math.min(end, at + 1_500));
      messages.push(toBinary(DownloadResponseSchema, create(DownloadResponseSchema, { data })));
    }
    return { messages };
  }

  #upload(requests: readonly MessageShape<typeof UploadRequestSchema>[]): Outcome {
    const [metadata, ...chunks] = requests.map(({ payload }) => payload);
    const [chunk] = chunks;
    if (metadata?.case !== "metadata" || chunk?.case !== "chunk") return { error: "failed_precondition" };
    if (chunks.some((other) => other.case !== "chunk")) return { error: "failed_precondition" };
    const name = toHex(metadata.value.digest?.blake3 ?? new Uint8Array());
    if (this.#blobs.has(name)) return { error: "already_exists" };
    if (toHex(blake3(chunk.value)) !== name || Number(metadata.value.digest?.sizeBytes) !== chunk.value.length)
      return { error: "invalid_argument" };
    this.#blobs.set(name, chunk.value);
    return one(UploadResponseSchema, { committedSize: BigInt(chunk.value.length) });
  }

  #encode(outcome: Outcome, framed: boolean): WireAnswer {
    const headers = { server: SERVER_WORDS, "x-served-by": SERVER_WORDS };
    const failed = "error" in outcome ? outcome.error : undefined;
    const messages = "error" in outcome ? [] : outcome.messages;
    const frames = messages.map((message) => frame(0, message));
    const error = failed === undefined ? undefined : JSON.stringify({ code: failed, message: SERVER_WORDS });
    if (this.#protocol !== "connect") {
      const status = failed === undefined ? 0 : CODES[failed][0];
      const trailers = frame(0x80, `grpc-status: ${status}\r\ngrpc-message: ${SERVER_WORDS}\r\n`);
      return {
        status: 200,
        headers: { ...headers, "content-type": "application/grpc-web+proto" },
        body: join(...frames, trailers),
      };
    }
    if (framed) {
      const end = frame(2, error === undefined ? "{}" : `{"error":${error}}`);
      return {
        status: 200,
        headers: { ...headers, "content-type": "application/connect+proto" },
        body: join(...frames, end),
      };
    }
    if (failed === undefined) {
      const body = messages[0] ?? new Uint8Array();
      return { status: 200, headers: { ...headers, "content-type": "application/proto" }, body };
    }
    const body = new TextEncoder().encode(error);
    return { status: CODES[failed][1], headers: { ...headers, "content-type": "application/json" }, body };
  }
}

function one<M extends DescMessage>(schema: M, message: Parameters<typeof create<M>>[1]): Outcome {
  return { messages: [toBinary(schema, create(schema, message))] };
}

const first = (requests: readonly Uint8Array[]): Uint8Array => requests[0] ?? new Uint8Array();

/** Messages of a body of plain frames. */
function messagesOf(body: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + new DataView(body.buffer, body.byteOffset).getUint32(at + 1);
    messages.push(body.subarray(at + 5, end));
    at = end;
  }
  return messages;
}
