import { create } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { Blake3 } from "../../../functions/lib/blake3.ts";
import { startDeadline } from "../../../functions/lib/deadline.ts";
import type { Reason } from "../../../functions/model/probing/failure.ts";
import type { Protocol } from "../../../functions/model/probing/protocol.ts";
import { stream } from "../../../functions/probe/rpc/rpc.ts";
import { Health } from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import { ContentAddressableStorage as Cas } from "../../../proto/gen/zako/v1/cas_pb.ts";
import {
  DownloadRequestSchema,
  type DownloadResponse,
  Transport,
  UploadRequestSchema,
} from "../../../proto/gen/zako/v1/transport_pb.ts";
import { blake3 } from "../../blake3.ts";
import { clearFaults, type FaultParams, putBlob, reset, setFault, state, type ZakoState } from "../../zako-control.ts";
import { type AnyKind, type AnyOptions, callAny, type Outcome } from "./any-call.ts";

const DEFAULT_MAX_BYTES = 64 * 1024;

const zako = inject("zako");
const control = inject("zakoControl");

const stored = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) % 253);
const fresh = Uint8Array.from({ length: 3000 }, (_, i) => (i * 11) % 241);
const absent = Uint8Array.of(1, 2, 3);
const digest = (bytes: Uint8Array) => ({ sizeBytes: BigInt(bytes.byteLength), blake3: blake3(bytes) });
const resource = (bytes: Uint8Array) => ({ digest: digest(bytes), range: {} });

/** Questions that a healthy server answers with at least one message. */
const questions = {
  unary: { kind: "unary", method: Health.method.check, requests: [{}], answer: stored },
  "server stream": {
    kind: "server stream",
    method: Transport.method.download,
    requests: [create(DownloadRequestSchema, { metadata: resource(stored) })],
    answer: stored,
  },
  "client stream": {
    kind: "client stream",
    method: Transport.method.upload,
    requests: [
      create(UploadRequestSchema, { payload: { case: "metadata", value: resource(fresh) } }),
      create(UploadRequestSchema, { payload: { case: "chunk", value: fresh } }),
    ],
    answer: stored,
  },
  bidi: {
    kind: "bidi",
    method: Cas.method.negotiateBlobs,
    requests: [{ blobDigests: [digest(absent)] }],
    answer: stored,
  },
} as const satisfies Record<string, AnyKind>;
type Kind = keyof typeof questions;
const kinds = Object.keys(questions) as Kind[];

beforeEach(async () => {
  await reset(control);
  await putBlob(control, stored);
});
afterEach(() => reset(control));

/** Waits until the server has no call left, which a body that is neither read nor cancelled would prevent. */
async function settled(): Promise<ZakoState> {
  for (let tries = 0; tries < 2000; tries++) {
    const now = await state(control);
    if (now.calls.inFlight === 0) return now;
  }
  throw new Error("the server still has calls in flight: a body was left open");
}

function ask(protocol: Protocol, kind: Kind, options: AnyOptions = {}): Promise<Outcome> {
  return callAny(protocol, questions[kind], { baseUrl: zako, ...options });
}

/** What becomes of each fault; where unary Connect, which has no frames, differs, its own reason comes second. */
const faults: [string, FaultParams, Reason | "ok", (Reason | "ok")?][] = [
  ["reset", {}, "connect"],
  ["hang-up", {}, "connect"],
  ["not-http", {}, "connect"],
  ["reset-mid-body", {}, "truncated"],
  ["truncate", {}, "truncated"],
  ["no-trailers", {}, "truncated", "ok"],
  ["frame-length", {}, "oversize", "ok"],
  ["huge-message", {}, "oversize"],
  ["garbage-frames", {}, "oversize", "protocol"],
  ["garbage-messages", {}, "protocol"],
  ["compressed-flag", {}, "protocol"],
  ["wrong-content-type", {}, "protocol"],
  ["html-error", { status: 200 }, "protocol"],
  ["html-error", { status: 502 }, "http_status"],
  ["html-error", { status: 504 }, "timeout"],
  ["redirect", {}, "redirect"],
  ["edge", {}, "dns"],
  ["edge", { status: 525 }, "tls"],
  ["edge", { status: 522 }, "edge"],
  ["grpc-only", { status: 415 }, "grpc_only"],
  ["grpc-only", { status: 200 }, "grpc_only"],
  ["huge-error", {}, "oversize", "http_status"],
  ["invalid-utf8", {}, "rpc_unavailable"],
  ["rpc", { code: "data_loss" }, "rpc_data_loss"],
  ["slow-drip", { ms: 1, bytes: 500 }, "ok"],
];

describe.each(["connect", "grpc-web"] as const)("over %s", (protocol) => {
  // The library's server refuses bidi over HTTP/1.1 in Connect before any fault that works on its answer.
  const here = kinds.filter((kind) => protocol !== "connect" || kind !== "bidi");

  it.each(faults)("%s %j is %s", async (name, params, reason, unaryConnect = reason) => {
    for (const kind of here) {
      await setFault(control, name, params);
      const answer = await ask(protocol, kind);
      const expected = protocol === "connect" && kind === "unary" ? unaryConnect : reason;
      expect([kind, answer.outcome]).toEqual([kind, expected]);
      expect(answer.observation.bytesIn).toBeLessThanOrEqual(DEFAULT_MAX_BYTES + 1_000_000);
      expect((await settled()).unknownPaths).toEqual({});
      await clearFaults(control);
    }
  });

  it.each(["huge-message", "endless-stream", "endless-headers"])(
    "%s ends early and leaves the server alone",
    async (name) => {
      for (const kind of here) {
        await setFault(control, name);
        const answer = await ask(protocol, kind, { deadline: startDeadline(3000, Date.now()) });
        expect([kind, answer.outcome !== "ok" && answer.outcome !== "timeout"]).toEqual([kind, true]);
        expect((await settled()).calls.aborted).toBeGreaterThan(0);
        await clearFaults(control);
      }
    },
  );

  it("ends at the deadline, says whether headers came, and hangs up", async () => {
    for (const [name, answered] of [
      ["hang", false],
      ["hang-mid-stream", true],
    ] as const) {
      for (const kind of here) {
        await setFault(control, name);
        const answer = await ask(protocol, kind, { deadline: startDeadline(100, Date.now()) });
        expect([kind, name, answer.outcome, answer.failure?.answered]).toEqual([kind, name, "timeout", answered]);
        await clearFaults(control);
        await settled();
      }
    }
  });

  it("sends a lost idempotent call once more, and says so; an upload only ever once", async () => {
    for (const kind of here) {
      const idempotent = kind !== "client stream";
      await setFault(control, "hang-up", {}, { times: 1 });
      const answer = await ask(protocol, kind, { idempotent });
      expect([kind, answer.outcome, answer.observation.retries]).toEqual(
        idempotent ? [kind, "ok", 1] : [kind, "connect", 0],
      );
      await clearFaults(control);
    }
    const started = Object.values((await settled()).started);
    expect(started.sort()).toEqual(here.map((kind) => (kind === "client stream" ? 1 : 2)).sort());
  });

  it("sends a length and the headers of the protocol", async () => {
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    for (const kind of here) await ask(protocol, kind, { traceparent, headers: { authorization: "Bearer t" } });
    const { lastHeaders, traceparents } = await settled();
    expect(Object.keys(lastHeaders)).toHaveLength(here.length);
    for (const headers of Object.values(lastHeaders)) {
      expect(headers).toMatchObject({
        authorization: "Bearer t",
        "user-agent": expect.stringMatching(/^zako-watch\//),
        "content-length": expect.stringMatching(/^\d+$/),
      });
      expect(headers).not.toHaveProperty("transfer-encoding");
    }
    expect(new Set(Object.values(traceparents))).toEqual(new Set([traceparent]));
  });

  it("hashes a download while it streams, far beyond the cap of small answers", async () => {
    const blob = Uint8Array.from({ length: 700_000 }, (_, i) => (i * 13) % 255);
    await putBlob(control, blob);
    using hash = new Blake3();
    let sizeBytes = 0;
    const take = ({ data }: DownloadResponse): void => {
      hash.update(data);
      sizeBytes += data.byteLength;
    };
    const options = { deadline: startDeadline(10_000, Date.now()), maxBytes: 1_000_000 };
    const answer = await stream(
      { baseUrl: zako, protocol },
      Transport.method.download,
      [{ metadata: resource(blob) }],
      take,
      options,
    );
    expect(answer).toMatchObject({ ok: true, observation: { httpStatus: 200 } });
    expect(answer.observation.messages).toBeGreaterThan(5);
    expect(sizeBytes).toBe(blob.byteLength);
    expect(hash.digest()).toEqual(blake3(blob));
  });
});

it("says that Connect needs HTTP/2 for bidi, and that gRPC-Web does not", async () => {
  expect((await ask("connect", "bidi")).outcome).toBe("bidi_needs_http2");
  expect((await ask("grpc-web", "bidi")).outcome).toBe("ok");
});

it("calls a closed port a failure to connect, with no answer", async () => {
  // Port 1 is reserved, and nothing in a test environment listens there.
  const answer = await ask("connect", "unary", { baseUrl: "http://127.0.0.1:1" });
  expect(answer.failure).toMatchObject({ reason: "connect", answered: false });
});
