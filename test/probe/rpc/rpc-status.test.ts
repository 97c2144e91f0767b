import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reasons } from "../../../functions/model/probing/failure.ts";
import {
  type End,
  endOfConnectStream,
  endOfGrpcStatus,
  endOfTrailers,
  failureOfConnectError,
} from "../../../functions/probe/rpc/rpc-status.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const reasonOf = (end: End | null): string | null => (end === null || end === "ok" ? end : end.reason);

describe("trailers of gRPC-Web", () => {
  const table: [string, string][] = [
    ["grpc-status: 0\r\n", "ok"],
    ["grpc-status:0\r\n", "ok"],
    ["Grpc-Status:0", "ok"],
    ["grpc-status: 0\n", "ok"],
    ["grpc-status:5\r\ngrpc-message:no%20such%20blob\r\n", "rpc_not_found"],
    ["a: b\r\na: c\r\ngrpc-status: 16\r\n", "rpc_unauthenticated"],
    ["grpc-status: 5\r\ngrpc-status: 5\r\n", "rpc_not_found"],
    ["grpc-status: 5\r\ngrpc-status-details-bin: !!!\r\ngrpc-message: %zz\r\n", "rpc_not_found"],
    ["grpc-status: 99\r\n", "rpc_unknown"],
    ["grpc-status: 0\r\ngrpc-status: 5\r\n", "protocol"],
    ["grpc-status: 0, 0\r\n", "protocol"],
    ["grpc-status: \r\n", "protocol"],
    ["grpc-status: ok\r\n", "protocol"],
    ["grpc-status: -1\r\n", "protocol"],
    ["grpc-status: 99999999999999999999\r\n", "protocol"],
    ["x-grpc-status: 0\r\n", "protocol"],
    [": 0\r\n", "protocol"],
    ["", "protocol"],
  ];
  it.each(table)("reads %j as %s", (text, expected) => {
    expect(reasonOf(endOfTrailers(bytes(text)))).toBe(expected);
  });

  it("finds the status among any other trailers", () => {
    const name = fc.stringMatching(/^[a-z][a-z-]{0,8}$/).filter((text) => text !== "grpc-status");
    const other = fc.tuple(name, fc.stringMatching(/^[ -~]{0,20}$/)).map(([key, value]) => `${key}:${value}`);
    fc.assert(
      fc.property(fc.array(other), fc.array(other), fc.integer({ min: 1, max: 16 }), (before, after, code) => {
        const text = [...before, `grpc-status:${code}`, ...after].join("\r\n");
        expect(reasonOf(endOfTrailers(bytes(text)))).toBe(reasonOf(endOfGrpcStatus(String(code))));
      }),
    );
  });
});

describe("end of a Connect stream", () => {
  const table: [string, string][] = [
    ["{}", "ok"],
    [`{"metadata":{"a":["b"]}}`, "ok"],
    [`{"error":null}`, "ok"],
    [`{"error":{"code":"not_found","message":"x","details":[{"type":"t","value":"%%"}]}}`, "rpc_not_found"],
    [`{"error":{"code":"unauthenticated"}}`, "rpc_unauthenticated"],
    [`{"error":{}}`, "rpc_unknown"],
    [`{"error":{"code":"no_such_code"}}`, "rpc_unknown"],
    [`{"error":{"code":5}}`, "rpc_unknown"],
    [`{"error":"not_found"}`, "protocol"],
    [`{"error":[]}`, "protocol"],
    ["", "protocol"],
    ["null", "protocol"],
    ["[]", "protocol"],
    [`"{}"`, "protocol"],
    ["{", "protocol"],
  ];
  it.each(table)("reads %j as %s", (text, expected) => {
    expect(reasonOf(endOfConnectStream(bytes(text)))).toBe(expected);
  });
});

it("reads a Connect error only where it states a known code", () => {
  expect(failureOfConnectError(`{"code":"out_of_range"}`)?.reason).toBe("rpc_out_of_range");
  for (const text of ["{}", `{"code":null}`, `{"code":"toString"}`, `{"code":""}`, "<html>", "", "[]", "null"]) {
    expect(failureOfConnectError(text)).toBeNull();
  }
});

it("never throws, gives a known reason, and repeats nothing of what it read but as the server's own words", () => {
  const hostile = fc.oneof(
    fc.uint8Array(),
    fc.json().map(bytes),
    fc.string().map((text) => bytes(`grpc-status: 3\r\ngrpc-message: SECRET${text}\r\n`)),
    fc.string().map((text) => bytes(JSON.stringify({ error: { code: "internal", message: `SECRET${text}` } }))),
  );
  fc.assert(
    fc.property(hostile, (data) => {
      for (const end of [endOfTrailers(data), endOfConnectStream(data)]) {
        if (end === "ok") continue;
        expect(reasons).toContain(end.reason);
        // What a server said is kept apart, so that nobody shows it by mistake.
        expect(JSON.stringify({ ...end, said: undefined })).not.toContain("SECRET");
      }
    }),
  );
});
