import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Blake3 } from "../../../functions/lib/blake3.ts";
import { toHex } from "../../../functions/lib/hex.ts";
import { encodeFrames, type Frame, FrameParser } from "../../../functions/probe/rpc/rpc-frame.ts";
import {
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
} from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import {
  GetTransportDetailsRequestSchema,
  NegotiateBlobsRequestSchema,
  NegotiateBlobsResponseSchema,
  TransportDetailsSchema,
} from "../../../proto/gen/zako/v1/cas_pb.ts";
import { Protocol } from "../../../proto/gen/zako/v1/net_pb.ts";
import {
  DownloadRequestSchema,
  DownloadResponseSchema,
  UploadRequestSchema,
  UploadResponseSchema,
} from "../../../proto/gen/zako/v1/transport_pb.ts";
import { goldenContent } from "../golden.ts";

const OK = 0;
const FAILED_PRECONDITION = 9;
const OUT_OF_RANGE = 11;
const NOT_FOUND = 5;

type Bytes = Uint8Array<ArrayBuffer>;

interface Answer {
  messages: readonly Uint8Array[];
  status: number;
}

const blobs = new Map<string, Uint8Array>();

/** A Zako inside the worker that speaks gRPC-Web and costs next to nothing: each call is answered after `delayMs`. */
export function stubZako(delayMs: number, onCall: () => void): typeof fetch {
  if (blobs.size === 0) {
    const content = goldenContent();
    blobs.set(toHex(new Blake3().update(content).digest()), content);
  }
  return async (input, init) => {
    onCall();
    if (delayMs > 0) await scheduler.wait(delayMs);
    const method = String(input).slice(String(input).lastIndexOf("/") + 1);
    const answer = ANSWERS[method]?.(messagesOf(init?.body as Uint8Array<ArrayBuffer>));
    if (answer === undefined) throw new Error(`The stub knows no method ${method}.`);
    const data = encodeFrames(answer.messages);
    const trailer = new TextEncoder().encode(`grpc-status:${answer.status}\r\n`);
    const end = encodeFrames([trailer]);
    end[0] = 0x80;
    const body = new Uint8Array(data.length + end.length);
    body.set(data);
    body.set(end, data.length);
    return new Response(body, { headers: { "content-type": "application/grpc-web+proto" } });
  };
}

const ANSWERS: Readonly<Record<string, (requests: readonly Bytes[]) => Answer>> = {
  Check: () => good(HealthCheckResponseSchema, { status: HealthCheckResponse_ServingStatus.SERVING }),
  GetTransportDetails(requests) {
    const { supportedProtocols } = read(GetTransportDetailsRequestSchema, requests[0]);
    if (!supportedProtocols.includes(Protocol.grpc)) return refused(FAILED_PRECONDITION);
    return good(TransportDetailsSchema, {
      serverAddr: { ip: { ipAddr: { case: "v4", value: 0x7f000001 } }, port: 9000 },
      authToken: crypto.randomUUID(),
      recommendedConcurrency: 8,
    });
  },
  NegotiateBlobs(requests) {
    const messages = requests.flatMap((bytes) => {
      const { blobDigests } = read(NegotiateBlobsRequestSchema, bytes);
      const missing = blobDigests.filter(({ blake3 }) => !blobs.has(toHex(blake3)));
      return missing.length === 0 ? [] : [write(NegotiateBlobsResponseSchema, { missingBlobDigests: missing })];
    });
    return { messages, status: OK };
  },
  Download(requests) {
    const { metadata } = read(DownloadRequestSchema, requests[0]);
    const blob = blobs.get(toHex(metadata?.digest?.blake3 ?? new Uint8Array()));
    if (blob === undefined) return refused(NOT_FOUND);
    const start = Number(metadata?.range?.start ?? 0);
    const end = metadata?.range?.length === undefined ? blob.length : start + Number(metadata.range.length);
    if (start >= blob.length || end > blob.length) return refused(OUT_OF_RANGE);
    return good(DownloadResponseSchema, { data: blob.slice(start, end) });
  },
  Upload(requests) {
    const [first, second] = requests.map((bytes) => read(UploadRequestSchema, bytes).payload);
    if (first?.case !== "metadata" || second?.case !== "chunk") return refused(FAILED_PRECONDITION);
    blobs.set(toHex(first.value.digest?.blake3 ?? new Uint8Array()), second.value);
    return good(UploadResponseSchema, { committedSize: BigInt(second.value.length) });
  },
};

const good = <T extends DescMessage>(type: T, message: MessageInitShape<T>): Answer => ({
  messages: [write(type, message)],
  status: OK,
});

const refused = (status: number): Answer => ({ messages: [], status });

const write = <T extends DescMessage>(type: T, message: MessageInitShape<T>): Uint8Array =>
  toBinary(type, create(type, message));

const read = <T extends DescMessage>(type: T, bytes: Bytes = new Uint8Array()): MessageShape<T> =>
  fromBinary(type, bytes);

function messagesOf(body: Bytes): Bytes[] {
  const parser = new FrameParser(body.length);
  parser.feed(body);
  const messages: Bytes[] = [];
  for (let frame = parser.next(); frame !== undefined; frame = parser.next())
    messages.push((frame as Frame).data as Bytes);
  return messages;
}
