import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Reason, reasons } from "../../../functions/model/probing/failure.ts";
import { call, stream } from "../../../functions/probe/rpc/rpc.ts";
import { RunClock } from "../../../functions/probe/run-clock.ts";
import { Health } from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import { Transport, UploadRequestSchema } from "../../../proto/gen/zako/v1/transport_pb.ts";
import { frame, join, type Script, scriptedFetch, text } from "../scripted-fetch.ts";
import { type AnyKind, callAny, kinds } from "./any-call.ts";
import { cases, contentType, good, goodBody } from "./rpc-cases.ts";

const DEFAULT_MAX_BYTES = 64 * 1024;

describe.each(cases)("$name", ({ protocol, any }) => {
  const head = { "content-type": contentType(protocol, any.method) };

  it("takes a good answer, whole or byte by byte, with or without a known length", async () => {
    const body = goodBody(protocol, any);
    const bytewise = [...body].map((byte) => Uint8Array.of(byte));
    for (const chunks of [[body], bytewise]) {
      for (const headers of [head, { ...head, "content-length": String(body.byteLength) }]) {
        const server = scriptedFetch({ headers, chunks });
        const answer = await callAny(protocol, any, { fetch: server.fetch });
        expect(answer.failure).toBeNull();
        expect(answer.messages.map((message) => toBinary<DescMessage>(any.method.output, message))).toEqual([
          any.answer,
        ]);
        expect(answer.observation).toMatchObject({
          httpStatus: 200,
          bytesIn: body.byteLength,
          messages: 1,
          retries: 0,
        });
        expect(server.openBodies()).toBe(0);
      }
    }
  });

  it("sends one request whose headers are those of the protocol", async () => {
    const server = scriptedFetch(good(protocol, any));
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    const answer = await callAny(protocol, any, {
      fetch: server.fetch,
      baseUrl: "https://zako.test/prefix",
      traceparent,
      headers: { authorization: "Bearer t" },
      deadline: { at: 5_500.9, signal: new AbortController().signal },
      clock: new RunClock(() => 1_000),
    });
    expect(server.requests).toHaveLength(1);
    const [request] = server.requests;
    expect(request?.url).toBe(`https://zako.test/prefix/${any.method.parent.typeName}/${any.method.name}`);
    expect(request?.init).toMatchObject({ method: "POST", redirect: "manual" });
    expect(request?.init.cf).toEqual(protocol === "grpc" ? { grpcWeb: "convert" } : undefined);
    const sent = protocol === "grpc" ? "application/grpc-web" : contentType(protocol, any.method);
    const own =
      protocol === "connect"
        ? { "connect-protocol-version": "1", "connect-timeout-ms": "4500" }
        : { "x-grpc-web": "1", "x-user-agent": expect.any(String), "grpc-timeout": "4500m" };
    expect(request?.init.headers).toEqual({
      "content-type": sent,
      "user-agent": expect.stringMatching(/^zako-watch\/\d/),
      "accept-encoding": "identity",
      traceparent,
      authorization: "Bearer t",
      ...own,
    });
    const encoded = any.requests.map((message) => toBinary(any.method.input, message));
    const bare = protocol === "connect" && any.method.methodKind === "unary";
    expect(request?.body).toEqual(bare ? encoded[0] : join(...encoded.map((data) => frame(0, data))));
    expect(answer.observation.bytesOut).toBe(request?.body.byteLength);
  });

  it("says timeout when the deadline passes, and whether headers had come", async () => {
    const hanging = scriptedFetch({ headers: head, chunks: [Uint8Array.of(0)], after: "hang" });
    const soon = (): AbortSignal => AbortSignal.timeout(1);
    const late = await callAny(protocol, any, { fetch: hanging.fetch, deadline: { at: 0, signal: soon() } });
    expect(late.failure).toMatchObject({ reason: "timeout", answered: true });
    expect(hanging.openBodies()).toBe(0);
    const silent: typeof fetch = (_, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
    const never = await callAny(protocol, any, {
      fetch: silent,
      deadline: { at: 0, signal: soon() },
      idempotent: true,
    });
    expect(never.failure).toMatchObject({ reason: "timeout", answered: false });
    expect(never.observation).toMatchObject({ httpStatus: null, headersMs: null, firstMessageMs: null, retries: 0 });
  });

  it("sends an idempotent call once more when the connection is lost before headers, and only then", async () => {
    const lost = new Error("Network connection lost.");
    const run = (script: (Script | Error)[], idempotent: boolean) =>
      callAny(protocol, any, { fetch: scriptedFetch(script).fetch, idempotent });
    const saved = await run([lost, good(protocol, any)], true);
    expect([saved.outcome, saved.observation.retries]).toEqual(["ok", 1]);
    const twice = await run([lost, lost, good(protocol, any)], true);
    expect([twice.failure?.reason, twice.failure?.answered, twice.observation.retries]).toEqual(["connect", false, 1]);
    const once = await run([lost, good(protocol, any)], false);
    expect([once.outcome, once.observation.retries]).toEqual(["connect", 0]);
    const broken = await run(
      [{ headers: head, chunks: [Uint8Array.of(0)], after: "error" }, good(protocol, any)],
      true,
    );
    expect([broken.outcome, broken.observation.retries]).toEqual(["truncated", 0]);
  });

  it("never reads past the cap, and cancels what it does not read", async () => {
    const endless = scriptedFetch({ headers: head, chunks: [new Uint8Array(1000)], after: "repeat" });
    const flooded = await callAny(protocol, any, { fetch: endless.fetch });
    expect(reasons).toContain(flooded.outcome);
    expect(endless.openBodies()).toBe(0);
    expect(endless.bytesGiven()).toBeLessThanOrEqual(DEFAULT_MAX_BYTES + 1000);

    const announced = scriptedFetch({
      headers: { ...head, "content-length": "65537" },
      chunks: [new Uint8Array(1000)],
      after: "repeat",
    });
    const refused = await callAny(protocol, any, { fetch: announced.fetch });
    expect([refused.outcome, announced.bytesGiven(), announced.openBodies()]).toEqual(["oversize", 0, 0]);

    const compressed = scriptedFetch({
      headers: { ...head, "content-length": "10", "content-encoding": "br" },
      chunks: [frame(0, new Uint8Array(1000))],
      after: "repeat",
    });
    await callAny(protocol, any, { fetch: compressed.fetch, maxBytes: 2000 });
    expect([compressed.openBodies(), compressed.bytesGiven() <= 4000]).toEqual([0, true]);
  });

  it("turns any bytes under any status and type into a closed reason, and leaves no body open", async () => {
    const types = ["application/grpc-web+proto", "application/proto", "application/connect+proto", "application/json"];
    const hostile = fc.record({
      status: fc.constantFrom(200, 200, 200, 204, 206, 301, 400, 404, 415, 418, 500, 503, 504, 520, 530, 599),
      headers: fc.record(
        {
          "content-type": fc.oneof(
            fc.constant(head["content-type"]),
            fc.constantFrom(...types, "text/html", "application/grpc"),
          ),
          "grpc-status": fc.constantFrom("0", "5", "x", "99"),
          "content-length": fc.constantFrom("0", "7", "-1", "1e3", "x"),
          server: fc.constantFrom("cloudflare", "nginx"),
        },
        { requiredKeys: ["content-type"] },
      ),
      chunks: fc.array(
        fc.oneof(
          fc.uint8Array(),
          fc.uint8Array({ maxLength: 20 }).map((data) => frame(0, data)),
          fc
            .tuple(fc.constantFrom(0, 1, 2, 3, 0x80, 0x81), fc.uint8Array({ maxLength: 20 }))
            .map(([f, d]) => frame(f, d)),
          fc.constantFrom(
            frame(2, "{}"),
            frame(0x80, "grpc-status:0"),
            text('{"code":"aborted"}'),
            text("error code: 1016"),
          ),
        ),
        { maxLength: 6 },
      ),
      after: fc.constantFrom("end" as const, "error" as const, "repeat" as const),
    });
    await fc.assert(
      fc.asyncProperty(hostile, async ({ status, headers, chunks, after }) => {
        const noBody = status === 204;
        // The platform holds a server to the length it announced, so an endless body never has one.
        const endless = chunks.some((chunk) => chunk.byteLength > 0) && headers["content-length"] === undefined;
        const script: Script = { status, headers, after: after === "repeat" && !endless ? "end" : after };
        const server = scriptedFetch(noBody ? script : { ...script, chunks });
        const answer = await callAny(protocol, any, { fetch: server.fetch, maxBytes: 500 });
        if (answer.outcome !== "ok") expect(reasons).toContain(answer.outcome);
        expect(server.openBodies()).toBe(0);
        expect(server.bytesGiven()).toBeLessThan(70_000);
      }),
    );
  });
});

/** Answers by which any protocol is judged alike. */
it("reads a Connect error from any HTTP error, and a large one only so far", async () => {
  const run = async (any: AnyKind, status: number, body: string) => {
    const server = scriptedFetch({ status, headers: { "content-type": "application/json" }, chunks: [text(body)] });
    return (await callAny("connect", any, { fetch: server.fetch })).outcome;
  };
  for (const any of kinds) {
    // Errors of streams are in their last frame, under HTTP 200.
    const stated = (reason: Reason, other: Reason) => (any.kind === "unary" ? reason : other);
    expect(await run(any, 404, '{"code":"not_found","message":"SECRET"}')).toBe(stated("rpc_not_found", "http_status"));
    expect(await run(any, 504, '{"code":"deadline_exceeded"}')).toBe(stated("rpc_deadline_exceeded", "timeout"));
    expect(await run(any, 500, "{}")).toBe("http_status");
    expect(await run(any, 500, `{"code":"internal","message":"${"x".repeat(100_000)}"}`)).toBe("http_status");
  }
});

it("takes times from the clock it is given, and counts waiting for the body as a stall", async () => {
  let time = 1_000;
  const chunks = [
    frame(0, Uint8Array.of(0x0a, 1, 7)),
    frame(0, Uint8Array.of(0x0a, 1, 8)),
    frame(0x80, "grpc-status:0"),
  ];
  const slow: typeof fetch = async () => {
    time += 100;
    let next = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          time += 10;
          const chunk = chunks[next++];
          if (chunk === undefined) controller.close();
          else controller.enqueue(chunk);
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body, { headers: { "content-type": "application/grpc-web" } });
  };
  const answer = await callAny("grpc-web", kinds[1], { fetch: slow, clock: new RunClock(() => time) });
  expect(answer.observation).toMatchObject({
    headersMs: 100,
    firstMessageMs: 110,
    stallMs: 40,
    totalMs: 140,
    messages: 2,
    bytesIn: 8 + 8 + 18,
  });
});

it("hands messages on while the stream goes on, and ends it when the sink throws", async () => {
  const headers = { "content-type": "application/grpc-web" };
  const server = scriptedFetch({ headers, chunks: [frame(0, Uint8Array.of(0x0a, 1, 7))], after: "repeat" });
  const deadline = { at: Date.now() + 1000, signal: new AbortController().signal };
  let seen = 0;
  const running = stream(
    { baseUrl: "http://zako.test", protocol: "grpc-web" },
    Transport.method.download,
    [{}],
    () => {
      seen += 1;
      if (seen === 3) throw new Error("the sink is full");
    },
    { fetch: server.fetch, deadline },
  );
  await expect(running).rejects.toThrow("the sink is full");
  expect([seen, server.bytesGiven(), server.openBodies()]).toEqual([3, 24, 0]);
});

it("sends no unary Connect call with other than one request", async () => {
  const options = { deadline: { at: 0, signal: new AbortController().signal } };
  const endpoint = { baseUrl: "http://zako.test", protocol: "connect" as const };
  await expect(call(endpoint, Health.method.check, [], options)).rejects.toThrow(RangeError);
  await expect(call(endpoint, Health.method.check, [{}, {}], options)).rejects.toThrow(RangeError);
});

it("sends all frames of an upload in one body", async () => {
  const any = kinds[2];
  const requests = [
    create(UploadRequestSchema, { payload: { case: "metadata", value: {} } }),
    create(UploadRequestSchema, { payload: { case: "chunk", value: Uint8Array.of(1, 2, 3) } }),
  ];
  const server = scriptedFetch(good("connect", any));
  await callAny("connect", { ...any, requests }, { fetch: server.fetch });
  const frames = requests.map((request) => frame(0, toBinary(UploadRequestSchema, request)));
  expect(server.requests[0]?.body).toEqual(join(...frames));
});
