import { ConnectError } from "@connectrpc/connect";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ExceptionKind } from "../../proto/gen/zako/diagnostics/v1/engine_pb.ts";
import { Pool } from "../../proto/gen/zako/diagnostics/v1/worker_pb.ts";
import { type MethodName, methodNames, type Shape } from "./call.ts";
import { all, type Clients, clientsOf, codeOf, digest, streamOf, type Way, ways } from "./clients.ts";
import { codeByName } from "./code-name.ts";
import { faults } from "./faults/registry.ts";
import { blob, fresh, freshName, name, putFresh, type Question, questions, range } from "./questions.ts";
import { startZako } from "./server.ts";

/** Looks again at once: what is waited for comes with the next turns of the event loop. */
const withDeadline = { interval: 1, timeout: 10_000 };

const zako = await startZako();
afterAll(() => zako.close());

beforeEach(() => {
  zako.reset();
  zako.store.put(blob);
});

/** A question put in one way, with what a test can look at. */
interface Run {
  readonly way: Way;
  readonly shape: Shape;
  readonly question: Question;
  readonly clients: Clients;
  /** What an honest server answered to the same question before. */
  readonly honest: unknown;
  ask(signal?: AbortSignal): Promise<unknown>;
  /** The error of the call; fails when there is none. */
  failure(): Promise<ConnectError>;
}

interface Case {
  readonly params?: Record<string, string | number>;
  /** Only these questions; all that the fault acts on where left out. */
  readonly of?: readonly MethodName[];
  check(run: Run): Promise<void>;
}

const fails = (...codes: string[]): Case => ({
  async check(run) {
    const code = await codeOf(run.ask());
    if (codes.length > 0) expect(codes).toContain(code);
    expect(code).not.toBe("ok");
  },
});
const answers = (value: (honest: unknown, run: Run) => unknown): Case => ({
  async check(run) {
    expect(await run.ask()).toEqual(value(run.honest, run));
  },
});
const failsWith = (text: string | RegExp): Case => ({
  async check(run) {
    expect((await run.failure()).message).toMatch(text);
  },
});
/** The call has arrived, nothing answers it, and it ends with the client. */
const waitsForEver: Case = {
  async check({ ask }) {
    const leave = new AbortController();
    const call = codeOf(ask(leave.signal));
    await vi.waitFor(() => expect(zako.state().calls.inFlight).toBe(1), withDeadline);
    // Had the server been about to answer, it would have done so within another client's whole call.
    await fetch(zako.controlUrl);
    expect(zako.state().calls).toMatchObject({ inFlight: 1, aborted: 0 });
    leave.abort();
    expect(await call).toBe("canceled");
    await vi.waitFor(() => expect(zako.state().calls).toMatchObject({ inFlight: 0, aborted: 1 }), withDeadline);
  },
};
const takesAtLeast = (ms: number): Case => ({
  async check(run) {
    const start = performance.now();
    expect(await run.ask()).toEqual(run.honest);
    // Timers may fire a millisecond early.
    expect(performance.now() - start).toBeGreaterThanOrEqual(ms - 2);
  },
});
const answersWith = (changed: Record<string, unknown>): Case =>
  answers((honest) => ({ ...(honest as object), ...changed }));

/** Ways that every question is put in; in the others a fault that knows no methods meets one of each kind. */
const thorough: readonly string[] = ["gRPC-Web over HTTP/1.1", "Connect over HTTP/1.1", "native gRPC"];
const sample: readonly MethodName[] = ["health.Check", "transport.Download"];

const cases: Record<string, Case | Case[]> = {
  latency: { ...takesAtLeast(20), params: { ms: 20 } },
  hang: waitsForEver,
  "hang-mid-stream": waitsForEver,
  "stalled-error": fails(),
  "slow-drip": { ...takesAtLeast(10), params: { ms: 10, bytes: 512 } },

  reset: fails("aborted", "unavailable", "canceled", "unknown", "internal"),
  "reset-mid-body": { ...fails(), params: { ms: 20 } },
  "hang-up": fails("aborted", "unavailable", "canceled", "unknown", "internal"),
  "not-http": fails("internal", "unknown"),
  "endless-headers": fails("internal", "unknown"),

  rpc: [...codeByName.keys()].map((code, at) => ({
    ...fails(code),
    params: { code },
    // Each code once as a unary answer and once as a streamed one; one code for every method.
    ...(at > 0 && { of: sample }),
  })),
  "huge-error": {
    params: { bytes: 300_000, code: "aborted" },
    async check(run) {
      expect((await run.failure()).rawMessage).toBe("e".repeat(300_000));
    },
  },
  "invalid-utf8": {
    params: { code: "not_found" },
    async check(run) {
      const { message } = await run.failure();
      // Decoded with replacement characters, or refused as percent-encoding.
      expect(message).toMatch(/broken \ufffd+.* text|URI malformed/);
    },
  },

  "html-error": [503, 404, 200].map((status) => ({ ...fails(), params: { status }, of: sample })),
  redirect: {
    async check(run) {
      expect(await codeOf(run.ask())).not.toBe("ok");
      const followed = await fetch(`${zako.url}/grpc.health.v1.Health/Check`, { method: "POST" });
      expect({ url: followed.url, status: followed.status }).toEqual({ url: `${zako.url}/elsewhere`, status: 404 });
      expect(zako.state().unknownPaths).toEqual({ "/elsewhere": 1 });
    },
  },
  edge: { ...fails("unknown"), params: { status: 522 } },
  "grpc-only": [415, 505, 200].map((status) => ({ ...fails(), params: { status }, of: sample })),
  "wrong-content-type": {
    async check(run) {
      // The library's gRPC-Web clients do not look at the content type.
      expect((await codeOf(run.ask())) === "ok").toBe(run.shape === "grpc-web");
    },
  },

  truncate: fails(),
  "no-trailers": { ...fails(), of: methodNames.filter((method) => method !== "health.Watch") },
  "garbage-frames": fails(),
  "garbage-messages": fails(),
  "compressed-flag": {
    async check(run) {
      // The library's client over fetch does not look at the flag of streamed gRPC-Web messages.
      const blind = run.way.name === "gRPC-Web by fetch" && run.question.kind === "stream";
      expect((await codeOf(run.ask())) === "ok").toBe(blind);
    },
  },
  // The library allocates what a frame announces.
  "frame-length": { ...fails(), params: { bytes: 1_000_000 } },
  "huge-message": { ...fails(), params: { bytes: 200_000 }, of: ["health.Check", "cas.GetTransportDetails"] },
  "endless-stream": { of: ["transport.Download", "cas.NegotiateBlobs"], check: neverEnds },

  "says-missing": answers(() => [blob.length, fresh.length]),
  "says-present": answers(() => []),
  "drifting-address": [
    {
      async check(run) {
        const { port, ...rest } = (await run.ask()) as { port: number };
        const honest = run.honest as { port: number };
        expect(port).not.toBe(honest.port);
        expect({ ...rest, port: honest.port }).toEqual(honest);
      },
    },
    { ...answersWith({ ip: 0xcb_00_71_09, port: 1_234 }), params: { ip: "203.0.113.9", port: 1_234 } },
  ],
  "unusable-address": [answersWith({ ip: 0 }), { ...answersWith({ port: 0 }), params: { ip: "", port: 0 } }],
  "accepts-no-protocol": {
    async check({ clients }) {
      expect((await clients.cas.getTransportDetails({ supportedProtocols: [] })).authToken).not.toBe("");
      expect(await codeOf(clients.cas.getTransportDetails({ supportedProtocols: [7 as 0] }))).toBe(
        "failed_precondition",
      );
    },
  },
  "accepts-short-digest": {
    async check({ clients }) {
      async function* short() {
        yield { blobDigests: [{ sizeBytes: 1n, blake3: new Uint8Array(31) }] };
      }
      const answers = await all(clients.cas.negotiateBlobs(short()));
      expect(answers.flatMap(({ missingBlobDigests }) => missingBlobDigests)).toHaveLength(1);
    },
  },
  "no-address": answersWith({ ip: undefined, port: undefined }),
  "empty-token": answersWith({ token: false }),
  "invalid-utf8-token": failsWith(/UTF-?8|encoded data was not valid/i),
  "zero-concurrency": [answersWith({ concurrency: 0 }), { ...answersWith({ concurrency: 9 }), params: { value: 9 } }],
  "accepts-unknown-protocol": {
    async check({ clients }) {
      for (const supportedProtocols of [[], [7 as 0]]) {
        expect((await clients.cas.getTransportDetails({ supportedProtocols })).authToken).not.toBe("");
      }
    },
  },

  "flip-byte": {
    ...answers(() => Buffer.from(blob.map((byte, at) => (at === 5 ? byte ^ 0xff : byte)))),
    params: { at: 5 },
  },
  "wrong-blob": [
    answers(() => Buffer.from(blob.map((byte) => byte ^ 0xff))),
    {
      async check(run) {
        zako.store.put(fresh);
        expect(await run.ask()).toEqual(Buffer.from(fresh));
      },
    },
  ],
  "short-download": { ...answers(() => Buffer.from(blob.slice(0, -7))), params: { bytes: 7 } },
  "oversize-download": { ...answers(() => Buffer.concat([blob, Buffer.alloc(9)])), params: { bytes: 9 } },
  "ignores-range": {
    async check({ clients }) {
      const part = { start: 599n, length: 2n };
      const chunks = await all(clients.transport.download({ metadata: { digest: name, range: part } }));
      expect(Buffer.concat(chunks.map(({ data }) => data))).toEqual(Buffer.from(blob));
    },
  },
  unreadable: { ...fails("data_loss"), params: { code: "data_loss" } },
  "wrong-committed-size": { ...answers(() => fresh.length + 3), params: { by: 3 } },
  "loses-uploads": {
    async check(run) {
      expect(await run.ask()).toBe(fresh.length);
      expect(zako.store.count).toBe(1);
    },
  },
  "full-disk": {
    async check(run) {
      expect(await codeOf(run.ask())).toBe("already_exists");
      expect(zako.store.count).toBe(1);
    },
  },
  "accepts-any-content": { of: ["transport.Upload"], check: acceptsWrongContent },
  "accepts-short-upload": {
    async check({ clients }) {
      const longer = { ...freshName, sizeBytes: freshName.sizeBytes + 1n };
      expect(await putFresh(clients.transport, longer, fresh)).toBe(fresh.length);
      expect(await codeOf(putFresh(clients.transport, digest("cd".repeat(32), fresh.length), fresh))).toBe(
        "invalid_argument",
      );
    },
  },
  "accepts-second-metadata": {
    async check({ clients }) {
      const metadata = {
        payload: { case: "metadata" as const, value: { digest: freshName, range } },
      };
      async function* twice() {
        yield metadata;
        yield metadata;
        yield { payload: { case: "chunk" as const, value: fresh } };
      }
      expect((await clients.transport.upload(twice())).committedSize).toBe(BigInt(fresh.length));
    },
  },
  "read-only": [
    fails("internal"),
    failsWith(/Read-only file system/),
    { ...fails("resource_exhausted"), params: { code: "resource_exhausted" } },
  ],
  "ignores-token": { check: acceptsWrongToken },
  "as-shipped": [{ of: ["transport.Upload"], check: acceptsWrongContent }, { check: acceptsWrongToken }],

  "health-off": fails("unimplemented"),
  "health-not-serving": [answers(() => 2), { ...answers(() => 0), params: { status: "UNKNOWN" } }],

  "diagnostics-off": fails("unimplemented"),
  "stuck-queue": {
    async check({ clients }) {
      const { ran, state } = await clients.diagnostics.submitTask({ pool: Pool.V8, maxWaitMillis: 1 });
      expect([ran, state?.queueLength]).toEqual([false, 0]);
    },
  },
  "slow-gc": { ...takesAtLeast(20), params: { ms: 20 } },
  "leaking-gc": answers(() => [false]),
  "wrong-module-value": { ...answers(() => 148), params: { by: 3 } },
  "failing-conversion": answers(() => ({ converted: false, json: "", exceptions: [[ExceptionKind.SYNTAX_ERROR, 1]] })),
  "wrong-conversion": answersWith({ json: '{"a":[0.10000000149011612,"缓存"]}' }),
  "exception-storm": { ...answersWith({ exceptions: [[ExceptionKind.TYPE_ERROR, 7]] }), params: { count: 7 } },
  "derived-off": {
    params: { factor: 3 },
    async check({ ask, honest }) {
      const { derived } = honest as { derived: { cacheBytes: number } };
      const off = { ...derived, cacheBytes: derived.cacheBytes * 3 };
      expect(await ask()).toEqual({ ...(honest as object), derived: off, effective: off });
    },
  },
  "effective-off": {
    params: { ttl: 2, workers: 5 },
    async check({ ask, honest }) {
      const { effective } = honest as { effective: object };
      const off = { ...effective, ttlMs: 2_000, v8Workers: 5 };
      expect(await ask()).toEqual({ ...(honest as object), effective: off });
    },
  },
  "disk-nearly-full": { ...answersWith({ roomy: false }), params: { bytes: 9 } },
};

/** Many times the honest answer comes, until the client has had enough. */
async function neverEnds({ clients, question }: Run): Promise<void> {
  const leave = new AbortController();
  const { signal } = leave;
  const stream: AsyncIterable<unknown> =
    question.method === "transport.Download"
      ? clients.transport.download({ metadata: { digest: name, range } }, { signal })
      : clients.cas.negotiateBlobs(streamOf({ blobDigests: [freshName] }), { signal });
  let count = 0;
  const reader = (async () => {
    for await (const _ of stream) if (++count === 1_000) leave.abort();
  })();
  expect(await codeOf(reader)).toBe("canceled");
  expect(count).toBeGreaterThanOrEqual(1_000);
}

async function acceptsWrongContent({ clients }: Run): Promise<void> {
  const wrong = digest("cd".repeat(32), 12);
  expect(await putFresh(clients.transport, wrong, fresh)).toBe(fresh.length);
  expect(zako.store.get("cd".repeat(32))).toEqual(Buffer.from(fresh));
}

async function acceptsWrongToken({ clients }: Run): Promise<void> {
  const headers = { authorization: "Bearer wrong" };
  const call = all(clients.transport.download({ metadata: { digest: name, range } }, { headers }));
  expect(await codeOf(call)).toBe("ok");
}

const honestAnswers = new Map<string, unknown>();

/** What the server answers without a fault, asked once for all cases. */
async function honestAnswer(way: Way, question: Question): Promise<unknown> {
  const key = `${question.method}, ${way.name}`;
  if (!honestAnswers.has(key)) {
    honestAnswers.set(key, await question.ask(clientsOf(way, zako)));
    await vi.waitFor(() => expect(zako.state().calls.inFlight).toBe(0), withDeadline);
    zako.reset();
    zako.store.put(blob);
  }
  return honestAnswers.get(key);
}

it("has a case for every fault", () => {
  expect(Object.keys(cases).sort()).toEqual([...faults.keys()].sort());
});

describe.each([...faults.values()])("$name", (fault) => {
  const listed = cases[fault.name] ?? [];
  for (const one of [listed].flat()) {
    for (const way of ways) {
      for (const question of questions) {
        const shape = question.kind === "unary" ? way.unary : way.stream;
        const speaks = way.sendsStreams || question.sendsStream === undefined;
        const allowed = !(question.method === "cas.NegotiateBlobs" && way.http === 1 && shape === "connect-stream");
        const worth = fault.methods !== undefined || thorough.includes(way.name) || sample.includes(question.method);
        const acts =
          (fault.methods?.includes(question.method) ?? true) &&
          (fault.shapes?.includes(shape) ?? true) &&
          (fault.http ?? way.http) === way.http &&
          (one.of?.includes(question.method) ?? true);
        if (!speaks || !allowed || !acts || !worth) continue;
        const params = one.params === undefined ? "" : ` ${JSON.stringify(one.params)}`;
        it(`${question.method}, ${way.name}${params}`, async () => {
          const honest = await honestAnswer(way, question);
          const clients = clientsOf(way, zako);
          const ask = (signal?: AbortSignal) => question.ask(clients, signal);
          const failure = () =>
            ask().then(
              (value) => expect.unreachable(`answered ${JSON.stringify(value)}`),
              (error: unknown) => ConnectError.from(error),
            );
          zako.faults.set(fault.name, one.params ?? {});
          await one.check({ way, shape, question, clients, honest, ask, failure });
          expect(zako.state().faultsApplied[fault.name]).toBeGreaterThanOrEqual(1);

          zako.faults.clear(fault.name);
          zako.store.clear();
          zako.store.put(blob);
          // With new connections: the server is as it was.
          expect(await question.ask(clientsOf(way, zako))).toEqual(honest);
        });
      }
    }
  }
});
