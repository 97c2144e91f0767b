import { type Client, Code, ConnectError, createClient, type Transport as Wire } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";
import { Health } from "../../proto/gen/grpc/health/v1/health_pb.ts";
import { DiagnosticsService } from "../../proto/gen/zako/diagnostics/v1/diagnostics_pb.ts";
import { ContentAddressableStorage } from "../../proto/gen/zako/v1/cas_pb.ts";
import { Transport } from "../../proto/gen/zako/v1/transport_pb.ts";
import type { Shape } from "./call.ts";
import { codeName } from "./code-name.ts";
import type { Zako } from "./zako.ts";

/** A way to speak to a Zako: protocol, HTTP version, and whose implementation. */
export interface Way {
  readonly name: string;
  /** Shape of its unary answers, and of its streamed ones. */
  readonly unary: Shape;
  readonly stream: Shape;
  readonly http: 1 | 2;
  /** Whether it can send a stream of requests at all: browsers' fetch cannot. */
  readonly sendsStreams: boolean;
  connect(zako: Zako): Wire;
}

/** The library's clients for everything that a Zako speaks. */
export const ways: readonly Way[] = [
  {
    name: "gRPC-Web over HTTP/1.1",
    ...{ unary: "grpc-web", stream: "grpc-web", http: 1, sendsStreams: true },
    connect: ({ url }) => createGrpcWebTransport({ baseUrl: url, httpVersion: "1.1" }),
  },
  {
    name: "gRPC-Web over HTTP/2",
    ...{ unary: "grpc-web", stream: "grpc-web", http: 2, sendsStreams: true },
    connect: ({ grpcUrl }) => createGrpcWebTransport({ baseUrl: grpcUrl, httpVersion: "2" }),
  },
  {
    name: "Connect over HTTP/1.1",
    ...{ unary: "connect", stream: "connect-stream", http: 1, sendsStreams: true },
    connect: ({ url }) => createConnectTransport({ baseUrl: url, httpVersion: "1.1" }),
  },
  {
    name: "Connect over HTTP/2",
    ...{ unary: "connect", stream: "connect-stream", http: 2, sendsStreams: true },
    connect: ({ grpcUrl }) => createConnectTransport({ baseUrl: grpcUrl, httpVersion: "2" }),
  },
  {
    name: "native gRPC",
    ...{ unary: "grpc", stream: "grpc", http: 2, sendsStreams: true },
    connect: ({ grpcUrl }) => createGrpcTransport({ baseUrl: grpcUrl }),
  },
  {
    name: "gRPC-Web by fetch",
    ...{ unary: "grpc-web", stream: "grpc-web", http: 1, sendsStreams: false },
    connect: ({ url }) => web.createGrpcWebTransport({ baseUrl: url }),
  },
  {
    name: "Connect by fetch",
    ...{ unary: "connect", stream: "connect-stream", http: 1, sendsStreams: false },
    connect: ({ url }) => web.createConnectTransport({ baseUrl: url, useBinaryFormat: true }),
  },
];

export interface Clients {
  readonly cas: Client<typeof ContentAddressableStorage>;
  readonly transport: Client<typeof Transport>;
  readonly health: Client<typeof Health>;
  readonly diagnostics: Client<typeof DiagnosticsService>;
}

/** Clients of the four services. */
export function clientsOf(way: Way, zako: Zako): Clients {
  const wire = way.connect(zako);
  return {
    cas: createClient(ContentAddressableStorage, wire),
    transport: createClient(Transport, wire),
    health: createClient(Health, wire),
    diagnostics: createClient(DiagnosticsService, wire),
  };
}

/** The RPC code that a call failed with, `ok` where it did not. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    return codeName(ConnectError.from(error, Code.Internal));
  }
}

/** Everything that a stream brings. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** A stream of the given messages. */
export async function* streamOf<T>(...messages: T[]): AsyncGenerator<T> {
  yield* messages;
}

/** A digest message for a name in hex. */
export function digest(hex: string, size: number): { blake3: Uint8Array<ArrayBuffer>; sizeBytes: bigint } {
  return { blake3: Uint8Array.from(Buffer.from(hex, "hex")), sizeBytes: BigInt(size) };
}

/** Bytes that differ from those of every other seed. */
export function bytesOf(size: number, seed = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: size },
    (_, at) => (Math.imul(at + 1, 2_654_435_761) >>> 24) ^ ((seed * 31 + at) % 256),
  );
}
