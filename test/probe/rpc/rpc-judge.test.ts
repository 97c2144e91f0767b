import { describe, expect, it } from "vitest";
import { type Reason, reasons } from "../../../functions/model/probing/failure.ts";
import { frame, join, type Script, scriptedFetch, text } from "../scripted-fetch.ts";
import { callAny } from "./any-call.ts";
import { cases, contentType } from "./rpc-cases.ts";

const heads: [string, Script, Reason, boolean][] = [
  ["a redirect", { status: 302, headers: { location: "https://else.test/" } }, "redirect", true],
  ["native gRPC", { headers: { "content-type": "application/grpc" } }, "grpc_only", true],
  ["native gRPC with a codec", { headers: { "content-type": "Application/gRPC+proto; x=1" } }, "grpc_only", true],
  ["a web page", { headers: { "content-type": "text/html" }, chunks: [text("<html>")] }, "protocol", true],
  ["gRPC-Web in base64", { headers: { "content-type": "application/grpc-web-text" } }, "protocol", true],
  ["no content type", {}, "protocol", true],
  ["504", { status: 504, chunks: [text("<html>SECRET")] }, "timeout", true],
  ["503", { status: 503, chunks: [text("SECRET")] }, "http_status", true],
  ["503 that breaks off", { status: 503, chunks: [text("SECRET")], after: "error" }, "http_status", true],
  ["503 without end", { status: 503, chunks: [text("SECRET".repeat(1000))], after: "repeat" }, "http_status", true],
  ["401", { status: 401 }, "http_status", true],
  ["a 520 of its own", { status: 520, headers: { server: "nginx" } }, "http_status", true],
  ["520 of the edge", { status: 520, headers: { server: "cloudflare" } }, "edge", true],
  ["521", { status: 521, chunks: [text("error code: 521")] }, "edge", false],
  ["522", { status: 522, chunks: [text("error code: 522")] }, "edge", false],
  ["523", { status: 523, headers: { server: "cloudflare" } }, "edge", false],
  ["524", { status: 524, headers: { server: "cloudflare" } }, "edge", false],
  ["525", { status: 525, headers: { server: "cloudflare" } }, "tls", false],
  ["526", { status: 526, chunks: [text("error code: 526")] }, "tls", false],
  ["530 with 1016", { status: 530, chunks: [text("error code: 1016")] }, "dns", false],
  ["530 with 1033", { status: 530, chunks: [text("error code: 1033\n")] }, "edge", false],
  ["403 with 1020", { status: 403, chunks: [text("error code: 1020")] }, "edge", true],
  ["403 with 1003", { status: 403, chunks: [text("error code: 1003")] }, "blocked_egress", false],
  ["404 with 1042", { status: 404, chunks: [text("error code: 1042")] }, "blocked_egress", false],
];

/** Reasons for which people are told the status. */
const STATUS_SAYS: ReadonlySet<Reason> = new Set(["http_status", "edge", "tls", "dns", "timeout"]);

/** Every way in which the platform's edge fails, and only it: what it says in our words. */
const EDGE_WORDS: [number, number, Reason, RegExp][] = [
  [520, 520, "edge", /^the network edge in front of the server reported status 520$/],
  [521, 521, "edge", /^the network edge in front of the server reported status 521$/],
  [522, 522, "edge", /^the network edge in front of the server reported status 522$/],
  [523, 523, "edge", /^the network edge in front of the server reported status 523$/],
  [524, 524, "edge", /^the network edge in front of the server reported status 524$/],
  [525, 525, "tls", /^the network edge reported that the TLS handshake with the server failed \(status 525\)$/],
  [526, 526, "tls", /^the network edge reported that the server's certificate is not valid \(status 526\)$/],
  [530, 1016, "dns", /^the network edge reported that the host name does not resolve \(status 530, code 1016\)$/],
  [530, 1033, "edge", /^the network edge in front of the server reported status 530, code 1033$/],
  [403, 1003, "blocked_egress", /^the platform refuses to call this address \(code 1003\)$/],
  [403, 1024, "blocked_egress", /^the platform refuses to call this address \(code 1024\)$/],
  [404, 1042, "blocked_egress", /^the platform refuses to call this address \(code 1042\)$/],
];

it.each(EDGE_WORDS)(
  "says that status %i with code %i is what the edge reports",
  async (status, code, reason, words) => {
    for (const { protocol, any } of cases) {
      const script: Script = { status, headers: { server: "cloudflare" }, chunks: [text(`error code: ${code}`)] };
      const { failure } = await callAny(protocol, any, { fetch: scriptedFetch(script).fetch });
      expect(failure?.reason).toBe(reason);
      expect(failure?.message).toMatch(words);
    }
  },
);

describe.each(cases)("$name judges", ({ protocol, any }) => {
  it.each(heads)("%s", async (_, script, reason, answered) => {
    const server = scriptedFetch(script);
    const answer = await callAny(protocol, any, { fetch: server.fetch });
    expect([answer.outcome, answer.failure?.answered]).toEqual([reason, answered]);
    expect(answer.failure?.httpStatus).toBe(STATUS_SAYS.has(reason) ? script.status : undefined);
    // The server's own words are kept apart from ours.
    expect(JSON.stringify({ ...answer.failure, said: undefined })).not.toMatch(/SECRET|https?:/);
    expect(answer.failure?.said ?? "SECRET").toMatch(/^(SECRET)+/);
    expect([server.openBodies(), answer.observation.bytesIn <= 70_000]).toEqual([0, true]);
  });

  it("a refusal of the protocol as such", async () => {
    const converted = protocol === "grpc" && (any.kind === "client stream" || any.kind === "bidi");
    const outcomes = await Promise.all(
      [415, 464, 505, 501].map((status) => callAny(protocol, any, { fetch: scriptedFetch({ status }).fetch })),
    );
    const expected = converted
      ? ["convert_refused", "convert_refused", "convert_refused", "convert_refused"]
      : ["grpc_only", "grpc_only", any.kind === "bidi" ? "bidi_needs_http2" : "http_status", "http_status"];
    expect(outcomes.map((answer) => answer.outcome)).toEqual(expected);
    expect(outcomes[0]?.failure?.hint === undefined).toBe(converted);
  });

  it("what fetch throws before headers, without its words", async () => {
    const run = (error: Error) => callAny(protocol, any, { fetch: scriptedFetch([error]).fetch });
    const converted = protocol === "grpc" && (any.kind === "client stream" || any.kind === "bidi");
    const bug = await run(new TypeError("Invalid URL: https://user:SECRET@zako.test/"));
    expect(bug.outcome).toBe(converted ? "convert_refused" : "internal");
    const budget = await run(new Error("Too many subrequests by single Worker invocation."));
    expect([budget.outcome, budget.failure?.answered]).toEqual(["platform_limit", false]);
    const dns = await run(new Error("internal error; reference = SECRET"));
    expect([dns.outcome, dns.failure?.answered]).toEqual(["connect", false]);
    const node = await run(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }));
    expect(node.outcome).toBe("connect");
    for (const answer of [bug, budget, dns, node]) expect(JSON.stringify(answer.failure)).not.toMatch(/SECRET|https?:/);
  });

  it("a body that cannot be decompressed", async () => {
    const headers = { "content-type": contentType(protocol, any.method), "content-encoding": "br" };
    const error = new TypeError("Gzip decompression failed.");
    const server = scriptedFetch({ headers, chunks: [], after: "error", error });
    expect((await callAny(protocol, any, { fetch: server.fetch })).outcome).toBe("protocol");
  });
});

describe.each(cases.filter(({ protocol, any }) => protocol !== "connect" || any.kind !== "unary"))(
  "$name, framed,",
  ({ protocol, any }) => {
    const [endFlag, ok, bad] =
      protocol === "connect"
        ? [2, "{}", '{"error":{"code":"not_found"}}']
        : [0x80, "grpc-status:0\r\n", "grpc-status:5\r\n"];
    const message = frame(0, any.answer);
    const end = frame(endFlag, ok);
    const single = any.kind === "unary" || any.kind === "client stream";
    const bodies: [string, Uint8Array, "ok" | Reason][] = [
      ["an error after a message", join(message, frame(endFlag, bad)), "rpc_not_found"],
      ["an error alone", frame(endFlag, bad), "rpc_not_found"],
      ["no message", end, single ? "protocol" : "ok"],
      ["two messages", join(message, message, end), single ? "protocol" : "ok"],
      ["nothing", new Uint8Array(), "truncated"],
      ["no end", message, "truncated"],
      ["half a frame", message.slice(0, -1), "truncated"],
      ["half an end", join(message, end.slice(0, -1)), "truncated"],
      ["a message after the end", join(message, end, message), "protocol"],
      ["a second end", join(message, end, end), "protocol"],
      ["bytes after the end", join(message, end, Uint8Array.of(0)), "protocol"],
      ["a compressed message", join(frame(1, any.answer), end), "protocol"],
      ["a compressed end", join(message, frame(endFlag | 1, ok)), "protocol"],
      ["the other protocol's end", join(message, frame(endFlag === 2 ? 0x80 : 2, ok)), "protocol"],
      ["an invalid message", join(frame(0, Uint8Array.of(0x0a, 0xff)), end), "protocol"],
      ["an invalid end", join(message, frame(endFlag, "{")), "protocol"],
      ["a length beyond the cap", join(message, Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff)), "oversize"],
    ];
    it.each(bodies)("%s", async (_, body, expected) => {
      const headers = { "content-type": contentType(protocol, any.method) };
      const server = scriptedFetch({ headers, chunks: [body] });
      expect((await callAny(protocol, any, { fetch: server.fetch })).outcome).toBe(expected);
      expect(server.openBodies()).toBe(0);
    });

    it("caps the number of messages", async () => {
      const headers = { "content-type": contentType(protocol, any.method) };
      const server = scriptedFetch({ headers, chunks: [join(message, message, message, end)] });
      const answer = await callAny(protocol, any, { fetch: server.fetch, maxMessages: 2 });
      expect([answer.outcome, answer.messages.length]).toEqual(single ? ["protocol", 0] : ["oversize", 2]);
    });
  },
);

describe.each(cases.filter(({ protocol }) => protocol !== "connect"))("$name, trailers only,", ({ protocol, any }) => {
  const single = any.kind === "unary" || any.kind === "client stream";
  const run = async (status: string, chunks?: Uint8Array[]) => {
    const headers = { "content-type": "application/grpc-web", "grpc-status": status };
    const server = scriptedFetch(chunks === undefined ? { headers } : { headers, chunks });
    const { outcome } = await callAny(protocol, any, { fetch: server.fetch });
    expect(server.openBodies()).toBe(0);
    return outcome;
  };

  it("reads the status from the headers", async () => {
    for (let code = 1; code <= 16; code++) {
      const reason = reasons[reasons.indexOf("rpc_canceled") + code - 1];
      expect(await run(String(code))).toBe(reason);
      expect(await run(String(code), [])).toBe(reason);
    }
    expect(await run("17")).toBe("rpc_unknown");
    expect(await run("nonsense")).toBe("protocol");
  });

  it("takes success without a body for an empty stream, never for a message", async () => {
    expect(await run("0")).toBe(single ? "protocol" : "ok");
    expect(await run("0", [])).toBe(single ? "protocol" : "ok");
    expect(await run("0", [frame(0, any.answer)])).toBe("truncated");
  });
});
