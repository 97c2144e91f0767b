import { base64Encode } from "@bufbuild/protobuf/wire";
import type { Code } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { trailerFlag, trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADMIN, type Ask, asking, portsWith } from "./api-world.ts";
import { MemoryAlerting } from "./memory-alerting.ts";

const AUTHORIZED = { authorization: `Bearer ${ADMIN}` };
const GRPC_WEB = "application/grpc-web+proto";
const LIST = "/watch.v1.AlertingService/ListAlerts";
const encoder = new TextEncoder();

const serve = (alerting = new MemoryAlerting()): Ask => asking(portsWith({ alerting }));

/** What a call came to: HTTP status, name of the code ("ok" for success), message. */
interface Came {
  http: number;
  code: string;
  message: string;
}

async function readConnect(response: Response): Promise<Came> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.status === 200) return { http: 200, code: "ok", message: "" };
  expect(response.headers.get("content-type")).toBe("application/json");
  const { code, message } = JSON.parse(new TextDecoder().decode(bytes)) as { code: string; message: string };
  return { http: response.status, code, message };
}

async function readGrpcWeb(response: Response): Promise<Came> {
  expect(response.headers.get("content-type")).toMatch(/^application\/grpc-web\+(proto|json)$/);
  const bytes = new Uint8Array(await response.arrayBuffer());
  let at = 0;
  while (bytes[at] !== trailerFlag) at += 5 + new DataView(bytes.buffer).getUint32(at + 1);
  const trailer = trailerParse(bytes.subarray(at + 5));
  const status = Number(trailer.get("grpc-status"));
  const code = status === 0 ? "ok" : codeToString(status as Code);
  return { http: response.status, code, message: decodeURIComponent(trailer.get("grpc-message") ?? "") };
}

type Headers_ = Record<string, string>;

const post = async (ask: Ask, path: string, type: string, body: Uint8Array, headers: Headers_ = {}): Promise<Came> =>
  readConnect(await ask(path, { method: "POST", headers: { ...AUTHORIZED, "content-type": type, ...headers }, body }));
const get = async (ask: Ask, path: string, query: string, headers: Headers_ = {}): Promise<Came> =>
  readConnect(await ask(`${path}?${query}`, { headers: { ...AUTHORIZED, ...headers } }));
const grpcWeb = async (ask: Ask, path: string, body: Uint8Array, headers: Headers_ = {}): Promise<Came> =>
  readGrpcWeb(
    await ask(path, { method: "POST", headers: { ...AUTHORIZED, "content-type": GRPC_WEB, ...headers }, body }),
  );

/** One message in each of the ways in which a client can send it, with headers of the protocol's own. */
const ways = {
  "Connect JSON": (ask: Ask, path: string, headers?: Headers_) =>
    post(ask, path, "application/json", encoder.encode("{}"), headers),
  "Connect binary": (ask: Ask, path: string, headers?: Headers_) =>
    post(ask, path, "application/proto", new Uint8Array(), headers),
  "Connect GET": (ask: Ask, path: string, headers?: Headers_) =>
    get(ask, path, "connect=v1&encoding=json&message=%7B%7D", headers),
  "gRPC-Web": (ask: Ask, path: string, headers?: Headers_) =>
    grpcWeb(ask, path, encodeEnvelope(0, new Uint8Array()), headers),
} as const;
const WAYS = Object.keys(ways) as (keyof typeof ways)[];

describe("what cannot be read is the sender's mistake", () => {
  it.each([
    ["%21%21%21", "no base64 at all"],
    ["Y", "a length that base64 never has"],
    ["YQ%3D%3DYQ%3D%3D", "padding in the middle"],
    ["eyJ9%00", "a NUL"],
    ["%F0%9F%98%80", "an emoji"],
  ])("GET with message=%s: %s", async (message) => {
    for (const encoding of ["json", "proto"]) {
      const came = await get(serve(), LIST, `connect=v1&encoding=${encoding}&base64=1&message=${message}`);
      expect(came).toEqual({
        http: 400,
        code: "invalid_argument",
        message: expect.stringMatching(/^The query parameter `message` is not base64\. /),
      });
    }
  });

  it("GET takes base64 of both alphabets, with and without padding", async () => {
    for (const message of ["e30", "e30=", "eyJtYXRjaGVycyI6WyJhPX4_Il19", "eyJtYXRjaGVycyI6WyJhPX4/Il19"]) {
      const query = new URLSearchParams({ connect: "v1", encoding: "json", base64: "1", message });
      expect((await get(serve(), LIST, `${query}`)).code).toMatch(/^ok$|^invalid_argument$/);
    }
    expect(await get(serve(), LIST, "connect=v1&encoding=json&base64=1&message=e30")).toMatchObject({ code: "ok" });
  });

  it("gRPC-Web with bytes that are not a message answers invalid_argument (3), not internal (13)", async () => {
    const garbage = encodeEnvelope(0, encoder.encode('{"labels":{}}'));
    expect(await grpcWeb(serve(), LIST, garbage)).toEqual({
      http: 200,
      code: "invalid_argument",
      message: "The body is not a valid request of this method. See proto/watch/v1/alerting.proto.",
    });
  });

  it("whatever bytes are sent, in every way", () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const ask = serve();
        const message = base64Encode(bytes, "url");
        const answers = [
          await post(ask, LIST, "application/proto", bytes),
          await post(ask, LIST, "application/json", bytes),
          await get(ask, LIST, `connect=v1&encoding=proto&base64=1&message=${message}`),
          await get(ask, LIST, `connect=v1&encoding=json&base64=1&message=${message}`),
          await grpcWeb(ask, LIST, encodeEnvelope(0, bytes)),
        ];
        for (const { code } of answers) expect(code).toMatch(/^ok$|^invalid_argument$/);
        // The same bytes come to the same thing, whatever they travel in.
        expect(new Set([answers[0]?.code, answers[2]?.code, answers[4]?.code]).size).toBe(1);
        expect((await grpcWeb(ask, LIST, bytes)).code).not.toBe("unknown");
      }),
    ));
});

/** An Alerter that never answers. */
class Hanging extends MemoryAlerting {
  override alerts = (): Promise<never> => new Promise(() => {});
}

describe("a timeout is kept", () => {
  const timeoutOf = { "gRPC-Web": "grpc-timeout" } as Record<string, string>;
  const header = (way: string): string => timeoutOf[way] ?? "connect-timeout-ms";

  it.each(WAYS)("over %s the call ends in deadline_exceeded", async (way) => {
    for (const asked of way === "gRPC-Web" ? ["5m", "0m", "900u", "1n"] : ["5", "0"]) {
      const came = await ways[way](serve(new Hanging()), LIST, { [header(way)]: asked });
      expect(came).toEqual({
        http: way === "gRPC-Web" ? 200 : 504,
        code: "deadline_exceeded",
        message: expect.stringMatching(/^The call did not end within .* It may still take effect/),
      });
    }
  });

  it.each(WAYS)("over %s a long one does no harm", async (way) => {
    for (const asked of way === "gRPC-Web" ? ["99999999H", "10S"] : ["9999999999", "10000"])
      expect((await ways[way](serve(), LIST, { [header(way)]: asked })).code).toBe("ok");
  });

  it.each(WAYS)("over %s one that cannot be read is refused", async (way) => {
    const bad =
      way === "gRPC-Web" ? ["5", "5x", "-1S", "1.5S", "123456789S", "S"] : ["-1", "1.5", "5m", "12345678901", "x"];
    for (const asked of bad) {
      const came = await ways[way](serve(), LIST, { [header(way)]: asked });
      expect([came.code, came.message]).toEqual(["invalid_argument", expect.stringContaining(JSON.stringify(asked))]);
    }
  });
});

describe("the version of the Connect protocol", () => {
  it.each(["2", "v1", "0", "", "1, 1"])("%j in the header is refused", async (version) => {
    const headers = { "connect-protocol-version": version };
    for (const way of ["Connect JSON", "Connect binary", "Connect GET"] as const)
      expect(await ways[way](serve(), LIST, headers)).toEqual({
        http: 400,
        code: "invalid_argument",
        message: `Connect-Protocol-Version is ${JSON.stringify(version)}. Send "1", or leave it out.`,
      });
  });

  it.each(["v2", "1", ""])("connect=%s in the query is refused", async (version) => {
    expect(await get(serve(), LIST, `connect=${version}&encoding=json&message=%7B%7D`)).toEqual({
      http: 400,
      code: "invalid_argument",
      message: `The query parameter \`connect\` is ${JSON.stringify(version)}. Send "v1", or leave it out.`,
    });
  });

  it("1 passes, none passes, and gRPC-Web does not care", async () => {
    for (const way of WAYS) {
      expect((await ways[way](serve(), LIST)).code).toBe("ok");
      expect((await ways[way](serve(), LIST, { "connect-protocol-version": "1" })).code).toBe("ok");
    }
    expect((await ways["gRPC-Web"](serve(), LIST, { "connect-protocol-version": "2" })).code).toBe("ok");
  });
});

describe("an unknown method is unimplemented, as each protocol says it", () => {
  it.each([
    "/watch.v1.AlertingService/Nothing",
    "/watch.v1.SilenceService/listSilences",
    "/watch.v1.OtherService/ListAlerts",
    "/watch.v2.AlertingService/ListAlerts",
    "/grpc.health.v1.Health/Check",
  ])("%s", async (path) => {
    const unknown = {
      code: "unimplemented",
      message: "Method not found. proto/watch/v1/alerting.proto lists the methods.",
    };
    for (const way of WAYS)
      expect(await ways[way](serve(), path)).toEqual({ http: way === "gRPC-Web" ? 200 : 501, ...unknown });
    const response = await serve()(path, { method: "POST", headers: { "content-type": GRPC_WEB } });
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("and what is no call of a protocol stays a page that is not found", async () => {
    for (const [path, init] of [
      ["/watch.v1.AlertingService/Nothing", {}],
      ["/nothing", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }],
      ["/a/b/c", { method: "POST", headers: { "content-type": GRPC_WEB } }],
    ] as const) {
      const response = await serve()(path, init);
      expect([response.status, await response.json()]).toEqual([404, { error: expect.stringMatching(/not found/) }]);
    }
  });
});
