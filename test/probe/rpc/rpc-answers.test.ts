import { describe, expect, it } from "vitest";
import type { Reason } from "../../../functions/model/probing/failure.ts";
import { frame, type Script, scriptedFetch, text } from "../scripted-fetch.ts";
import { type AnyKind, callAny } from "./any-call.ts";
import { cases, contentType, goodBody } from "./rpc-cases.ts";

type Expected = "ok" | Reason;

/** Whether the answer is one message. */
const isSingle = ({ method }: AnyKind): boolean =>
  method.methodKind === "unary" || method.methodKind === "client_streaming";

const isUnaryOrDownload = ({ kind }: AnyKind): boolean => kind === "unary" || kind === "server stream";

const trailers = (status: string): Uint8Array => frame(0x80, `grpc-status:${status}\r\n`);

describe.each(cases.filter(({ protocol }) => protocol !== "connect"))(
  "$name, a status in the head",
  ({ protocol, any }) => {
    const message = frame(0, any.answer);
    const good = goodBody(protocol, any);
    /** The status in the head, the body, the reason; where a stream differs from a single message, its own comes second. */
    const table: [string, string, Partial<Script>, Expected, Expected?][] = [
      ["8 without a body", "8", {}, "rpc_resource_exhausted"],
      ["8 with an empty body", "8", { chunks: [] }, "rpc_resource_exhausted"],
      ["8 with empty chunks", "8", { chunks: [new Uint8Array(), new Uint8Array()] }, "rpc_resource_exhausted"],
      ["8 with a good body", "8", { chunks: [good] }, "ok"],
      ["8 with a message and trailers 9", "8", { chunks: [message, trailers("9")] }, "rpc_failed_precondition"],
      ["8 with trailers 9 alone", "8", { chunks: [trailers("9")] }, "rpc_failed_precondition"],
      ["8 with trailers 0 alone", "8", { chunks: [trailers("0")] }, "protocol", "ok"],
      ["8 with trailers of no status", "8", { chunks: [frame(0x80, "x: 1\r\n")] }, "protocol"],
      ["8 with a message alone", "8", { chunks: [message] }, "truncated"],
      ["8 with half a frame", "8", { chunks: [message.slice(0, 3)] }, "truncated"],
      ["8 with a body that breaks off unsent", "8", { chunks: [], after: "error" }, "rpc_resource_exhausted"],
      ["8 with a body that never comes", "8", { chunks: [], after: "hang" }, "rpc_resource_exhausted"],
      ["8 with half a body that breaks off", "8", { chunks: [message], after: "error" }, "truncated"],
      ["0 without a body", "0", {}, "protocol", "ok"],
      ["0 with an empty body", "0", { chunks: [] }, "protocol", "ok"],
      ["0 with a good body", "0", { chunks: [good] }, "ok"],
      ["0 with trailers 9", "0", { chunks: [trailers("9")] }, "rpc_failed_precondition"],
      ["0 with a message alone", "0", { chunks: [message] }, "truncated"],
      ["0 with a body that breaks off unsent", "0", { chunks: [], after: "error" }, "truncated"],
      ["nonsense without a body", "nonsense", {}, "protocol"],
      ["nonsense with a good body", "nonsense", { chunks: [good] }, "ok"],
    ];
    it.each(table)("%s", async (_, status, body, expected, ofStream = expected) => {
      const headers = { "content-type": "application/grpc-web+proto", "grpc-status": status };
      const server = scriptedFetch({ headers, ...body });
      const answer = await callAny(protocol, any, { fetch: server.fetch, headWaitMs: 1 });
      expect(answer.outcome).toBe(isSingle(any) ? expected : ofStream);
      if (answer.outcome === "protocol" && status === "0")
        expect(answer.failure?.message).toBe("the answer has no message");
      expect(server.openBodies()).toBe(0);
    });

    it("counts under another content type only while there is no body", async () => {
      const run = async (status: number, chunks?: Uint8Array[]) => {
        const headers = { "content-type": "text/html", "grpc-status": "8" };
        const server = scriptedFetch(chunks === undefined ? { status, headers } : { status, headers, chunks });
        const { outcome } = await callAny(protocol, any, { fetch: server.fetch });
        expect(server.openBodies()).toBe(0);
        return outcome;
      };
      expect(await run(200)).toBe("rpc_resource_exhausted");
      expect(await run(200, [text("<html>")])).toBe("protocol");
      // By gRPC's mapping of HTTP statuses, a status that the server states goes before that of HTTP.
      expect(await run(503)).toBe("rpc_resource_exhausted");
      expect(await run(503, [text("<html>")])).toBe("rpc_resource_exhausted");
    });
  },
);

describe.each(cases.filter(({ protocol, any }) => protocol === "connect" && any.kind !== "unary"))(
  "$name, the end of the stream",
  ({ protocol, any }) => {
    const table: [string, Expected][] = [
      ['{"metadata":{}}', "ok"],
      ['{"metadata":{"a":[]}}', "ok"],
      ['{"metadata":{"a":["b","c"],"x-bin":["AA"]}}', "ok"],
      ['{"metadata":null}', "protocol"],
      ['{"metadata":[]}', "protocol"],
      ['{"metadata":"a"}', "protocol"],
      ['{"metadata":7}', "protocol"],
      ['{"metadata":{"a":"b"}}', "protocol"],
      ['{"metadata":{"a":null}}', "protocol"],
      ['{"metadata":{"a":{"0":"b"}}}', "protocol"],
      ['{"metadata":{"a":[1]}}', "protocol"],
      ['{"metadata":{"a":["b",null]}}', "protocol"],
      ['{"metadata":{"no name":["b"]}}', "protocol"],
      ['{"metadata":{"a":["b\\nc"]}}', "protocol"],
      ['{"error":{"code":"not_found"},"metadata":{"a":["b"]}}', "rpc_not_found"],
      ['{"error":{"code":"not_found"},"metadata":["b"]}', "protocol"],
      ['{"error":{"code":"not_found","message":"gone"}}', "rpc_not_found"],
      ['{"error":{"code":"not_found","message":null}}', "rpc_not_found"],
      ['{"error":{"code":"not_found","message":7}}', "protocol"],
      ['{"error":{"code":"not_found","message":["gone"]}}', "protocol"],
    ];
    it.each(table)("%s", async (end, expected) => {
      const headers = { "content-type": contentType(protocol, any.method) };
      const server = scriptedFetch({ headers, chunks: [frame(0, any.answer), frame(2, end)] });
      expect((await callAny(protocol, any, { fetch: server.fetch })).outcome).toBe(expected);
    });
  },
);

describe.each(cases)("$name, an HTTP error", ({ protocol, any }) => {
  const statesCode = protocol === "connect" && any.kind === "unary";
  const ofConnect: Expected = statesCode ? "rpc_not_found" : "http_status";
  const types: [string | undefined, Expected][] = [
    ["application/json", ofConnect],
    ["Application/JSON; charset=utf-8", ofConnect],
    ["application/json;charset=utf-8", ofConnect],
    ["text/plain", "http_status"],
    ["text/plain; charset=utf-8", "http_status"],
    ["text/html", "http_status"],
    ["text/json", "http_status"],
    ["application/problem+json", "http_status"],
    ["application/connect+json", "http_status"],
    ["application/proto", "http_status"],
    ["application/connect+proto", "http_status"],
    ["application/grpc-web+json", "http_status"],
    [undefined, "http_status"],
  ];
  it.each(types)("with a Connect error under the content type %s", async (type, expected) => {
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const body = text('{"code":"not_found","message":"no such thing"}');
    const server = scriptedFetch({ status: 404, headers, chunks: [body] });
    const { outcome, failure } = await callAny(protocol, any, { fetch: server.fetch });
    expect([outcome, failure?.said?.includes("no such thing")]).toEqual([expected, true]);
  });

  const malformed = [
    "{}",
    '{"code":null}',
    '{"code":5}',
    '{"code":"no_such_code"}',
    '{"code":"not_found","message":7}',
  ];
  it.each(malformed)("with %s states no code", async (body) => {
    const server = scriptedFetch({
      status: 404,
      headers: { "content-type": "application/json" },
      chunks: [text(body)],
    });
    expect((await callAny(protocol, any, { fetch: server.fetch })).outcome).toBe("http_status");
  });

  const stalling: [number, string | undefined, Expected][] = [
    [503, "text/html", "http_status"],
    [503, "text/plain", "http_status"],
    [503, undefined, "http_status"],
    [404, "text/html", "http_status"],
    [504, "text/html", "timeout"],
    [530, "text/plain", "dns"],
    [415, "text/plain", protocol === "grpc" && !isUnaryOrDownload(any) ? "convert_refused" : "grpc_only"],
  ];
  it.each(stalling)("%i of %s whose body stalls ends when the head has said all", async (status, type, expected) => {
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const chunks = [text(status === 530 ? "error code: 1016" : "Bad luck")];
    const server = scriptedFetch({ status, headers, chunks, after: "hang" });
    // No deadline ends this; only what the head has said does.
    const deadline = { at: Date.now() + 10_000, signal: new AbortController().signal };
    const { outcome, failure } = await callAny(protocol, any, { fetch: server.fetch, deadline, headWaitMs: 1 });
    expect([outcome, server.openBodies()]).toEqual([expected, 0]);
    // What had come of the server's words is kept.
    if (expected === "http_status") expect(failure?.said).toBe("Bad luck");
  });

  it("reads a Connect error that comes slowly, up to the deadline", async () => {
    const headers = { "content-type": "application/json" };
    const run = (after: "end" | "hang", signal: AbortSignal) => {
      const chunks = [text('{"code":"not_'), text('found"}')];
      const server = scriptedFetch({
        status: 503,
        headers,
        chunks: after === "end" ? chunks : chunks.slice(0, 1),
        after,
      });
      return callAny(protocol, any, { fetch: server.fetch, deadline: { at: Date.now() + 10_000, signal } });
    };
    expect((await run("end", new AbortController().signal)).outcome).toBe(ofConnect);
    const late = await run("hang", AbortSignal.timeout(1));
    expect([late.outcome, late.failure?.httpStatus]).toEqual(["http_status", 503]);
  });
});
