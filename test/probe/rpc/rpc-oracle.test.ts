import type { Transport as RpcTransport } from "@connectrpc/connect";
import { createFetchClient } from "@connectrpc/connect/protocol";
import { createTransport as createConnect } from "@connectrpc/connect/protocol-connect";
import { createTransport as createGrpcWeb } from "@connectrpc/connect/protocol-grpc-web";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { afterEach, describe, expect, inject, it } from "vitest";
import { toHex } from "../../../functions/lib/hex.ts";
import { reasons } from "../../../functions/model/probing/failure.ts";
import { protocols } from "../../../functions/model/probing/protocol.ts";
import { Health } from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import { ContentAddressableStorage as Cas } from "../../../proto/gen/zako/v1/cas_pb.ts";
import { Transport } from "../../../proto/gen/zako/v1/transport_pb.ts";
import { blake3 } from "../../blake3.ts";
import { putBlob, reset, setFault } from "../../zako-control.ts";
import type { AnyKind } from "./any-call.ts";
import { type Driven, drive } from "./rpc-drive.ts";
import { transportOf } from "./rpc-transport.ts";

const zako = inject("zako");
const control = inject("zakoControl");
afterEach(() => reset(control));

/** The library's transport for a kind of method; only the universal ones can stream requests. */
function library(protocol: (typeof protocols)[number], method: AnyKind["method"], baseUrl: string): RpcTransport {
  const manual: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "manual" });
  if (method.methodKind === "unary" || method.methodKind === "server_streaming") {
    const options = { baseUrl, useBinaryFormat: true, fetch: manual };
    return protocol === "connect" ? createConnectTransport(options) : createGrpcWebTransport(options);
  }
  const options = {
    baseUrl,
    httpClient: createFetchClient(manual),
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 1024,
    readMaxBytes: 4 * 2 ** 20,
    writeMaxBytes: 4 * 2 ** 20,
  };
  return protocol === "connect" ? createConnect(options) : createGrpcWeb(options);
}

const stored = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) % 253);
const fresh = Uint8Array.from({ length: 4096 }, (_, i) => (i * 11) % 241);
const digest = (bytes: Uint8Array) => ({ sizeBytes: BigInt(bytes.byteLength), blake3: blake3(bytes) });
const download = (range: object, bytes = stored): Call => ({
  method: Transport.method.download,
  requests: [{ metadata: { digest: digest(bytes), range } }],
});
const metadata = (bytes: Uint8Array) => ({
  payload: { case: "metadata", value: { digest: digest(bytes), range: {} } },
});
const chunk = (bytes: Uint8Array) => ({ payload: { case: "chunk", value: bytes } });
const pieces = (bytes: Uint8Array) => Array.from({ length: 64 }, (_, i) => chunk(bytes.subarray(64 * i, 64 * (i + 1))));
const upload = (...requests: object[]): Call => ({ method: Transport.method.upload, requests });
const negotiate = (...asked: Uint8Array[][]): Call => ({
  method: Cas.method.negotiateBlobs,
  requests: asked.map((list) => ({ blobDigests: list.map(digest) })),
});

type Call = Pick<AnyKind, "method" | "requests">;
/** What each question is answered with: the end, and how many messages come before it at least. */
const questions: [string, Call, number | "ok", number][] = [
  ["health", { method: Health.method.check, requests: [{}] }, "ok", 1],
  ["health of an unknown service", { method: Health.method.check, requests: [{ service: "nobody" }] }, 5, 0],
  [
    "details with an unknown protocol",
    { method: Cas.method.getTransportDetails, requests: [{ supportedProtocols: [9] }] },
    9,
    0,
  ],
  ["a whole blob", download({}), "ok", 2],
  ["a range", download({ start: 1000n, length: 70_000n }), "ok", 2],
  ["the last byte", download({ start: 199_999n }), "ok", 1],
  ["a range past the end", download({ start: 200_000n }), 11, 0],
  ["an empty range", download({ start: 0n, length: 0n }), 3, 0],
  ["an absent blob", download({}, fresh), 5, 0],
  ["a request without metadata", { method: Transport.method.download, requests: [{}] }, 3, 0],
  ["an upload in one chunk", upload(metadata(fresh), chunk(fresh)), "ok", 1],
  ["an upload in many chunks", upload(metadata(fresh), ...pieces(fresh)), "ok", 1],
  ["an upload of nothing", upload(metadata(new Uint8Array())), "ok", 1],
  ["an upload of a stored blob", upload(metadata(stored), chunk(stored)), 6, 0],
  ["an upload of the wrong bytes", upload(metadata(fresh), chunk(stored)), 3, 0],
  ["an upload without metadata", upload(chunk(fresh)), 9, 0],
  ["an upload without a message", upload(), 9, 0],
  ["present and absent blobs", negotiate([stored, fresh], [fresh]), "ok", 2],
  ["present blobs only", negotiate([stored], [stored, stored]), "ok", 0],
  ["no blobs", negotiate(), "ok", 0],
  [
    "a bad digest",
    { method: Cas.method.negotiateBlobs, requests: [{ blobDigests: [{ blake3: Uint8Array.of(1) }] }] },
    3,
    0,
  ],
];

describe.each(protocols)("over %s", (protocol) => {
  const ours = transportOf({ baseUrl: zako, protocol });
  const bidiOverConnect = (call: Call): boolean =>
    protocol === "connect" && call.method.methodKind === "bidi_streaming";

  /** Asks both from the same state of the server. */
  async function both(call: Call, prepare: () => Promise<unknown>): Promise<[Driven, Driven]> {
    await prepare();
    const theirs = await drive(library(protocol, call.method, zako), call);
    await reset(control);
    await prepare();
    return [await drive(ours, call), theirs];
  }

  it.each(questions)("answers %s as the library does", async (_, call, end, atLeast) => {
    const [mine, theirs] = await both(call, () => putBlob(control, stored));
    expect(mine).toEqual(theirs);
    expect(mine.end).toBe(bidiOverConnect(call) ? "other" : end);
    if (!bidiOverConnect(call)) expect(mine.messages.length).toBeGreaterThanOrEqual(atLeast);
  });

  const codes = reasons.filter((reason) => reason.startsWith("rpc_")).map((reason) => reason.slice(4));
  const methods: [string, Call][] = [
    ["Check", { method: Health.method.check, requests: [{}] }],
    ["GetTransportDetails", { method: Cas.method.getTransportDetails, requests: [{}] }],
    ["Download", download({})],
    ["Upload", upload(metadata(fresh), chunk(fresh))],
    ["NegotiateBlobs", negotiate([stored])],
  ];
  it.each(methods)("reads every RPC error of %s as the library does", async (_, call) => {
    expect(codes).toHaveLength(16);
    for (const [index, code] of codes.entries()) {
      const [mine, theirs] = await both(call, () => setFault(control, "rpc", { code }));
      expect(mine).toEqual(theirs);
      expect(mine).toEqual({ messages: [], end: bidiOverConnect(call) ? mine.end : index + 1 });
    }
  });

  const faults: [string, Record<string, string | number>][] = [
    ["html-error", { status: 502 }],
    ["html-error", { status: 404 }],
    ["redirect", {}],
    ["edge", {}],
    ["grpc-only", {}],
    ["truncate", {}],
    ["garbage-messages", {}],
    ["reset", {}],
    ["hang-up", {}],
    ["reset-mid-body", {}],
    ["slow-drip", { ms: 1, bytes: 1000 }],
  ];
  // Apart from its content type `grpc` is gRPC-Web as long as no edge converts it.
  it.each(protocol === "grpc" ? [] : faults)("agrees with the library about %s %j", async (name, params) => {
    for (const [, call] of methods) {
      const prepare = async (): Promise<void> => {
        if (call.method.name === "Download") await putBlob(control, stored);
        await setFault(control, name, params);
      };
      const [mine, theirs] = await both(call, prepare);
      if (name === "slow-drip" && call.method.name === "GetTransportDetails") {
        // Every call has a token of its own.
        expect(mine.messages.length).toBe(theirs.messages.length);
      } else if (mine.end !== "other") expect(mine).toEqual(theirs);
      expect(mine.end).toBe(theirs.end);
    }
  });
});

it("hashes a blob as the reference Zako does", async () => {
  expect((await putBlob(control, stored)).hex).toBe(toHex(blake3(stored)));
});
