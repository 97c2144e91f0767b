import { createServer as createHttp } from "node:http";
import { createServer as createH2c, createSecureServer } from "node:http2";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { startBridge } from "../../../functions/cli/bridge/start-bridge.ts";
import { lookAt } from "../../../functions/cli/look/look-at.ts";
import { startLookServer } from "../../../functions/cli/look/look-server.ts";
import { nodeFailureOf } from "../../../functions/cli/look/node-failure.ts";
import { failure, type Reason } from "../../../functions/model/probing/failure.ts";
import { localLook } from "../../../functions/probe/look/local-look.ts";
import { call } from "./bridge/ask.ts";
import { startOrigin } from "./bridge/scripted-origin.ts";
import { selfSigned } from "./bridge/self-signed.ts";

const own = selfSigned();
const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket));
  server.on("secureConnection", (socket: Socket) => void socket.on("error", () => {}));
  for (const event of ["tlsClientError", "sessionError"]) server.on(event, () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

const answer = (_: unknown, response: { end(text: string): void }): void => response.end("ok");
const tcp = (act: (socket: Socket) => void): Server =>
  createTcp((socket) => {
    socket.on("error", () => {});
    act(socket);
  });

/** Servers, how they are reached, and what a look finds; the certificate is trusted unless it is the matter. */
const TABLE: readonly [
  what: string,
  scheme: "http" | "https",
  make: () => Server,
  reason: Reason | null,
  words?: RegExp,
  trusts?: boolean,
][] = [
  ["a server of HTTP/1.1", "http", () => createHttp(answer), null],
  ["a server of HTTP/1.1 over TLS", "https", () => createHttps(own, answer), null],
  ["a server of both over TLS", "https", () => createSecureServer({ ...own, allowHTTP1: true }, answer), null],
  ["HTTP/2 alone, without TLS", "http", () => createH2c(answer), "grpc_only", /takes only HTTP\/2/],
  ["HTTP/2 alone, over TLS", "https", () => createSecureServer(own, answer), "grpc_only", /takes only HTTP\/2/],
  [
    "a self-signed certificate",
    "https",
    () => createHttps(own, answer),
    "tls",
    /self-signed.*DEPTH_ZERO_SELF_SIGNED_CERT/,
    false,
  ],
  [
    "a client certificate that is required, TLS 1.3",
    "https",
    () =>
      createHttps({ ...own, requestCert: true, rejectUnauthorized: true, ca: own.cert, minVersion: "TLSv1.3" }, answer),
    "tls",
    /requires a client certificate/,
  ],
  [
    "a client certificate that is required, TLS 1.2",
    "https",
    () =>
      createHttps({ ...own, requestCert: true, rejectUnauthorized: true, ca: own.cert, maxVersion: "TLSv1.2" }, answer),
    "tls",
    /client certificate|refused the TLS handshake/,
  ],
  ["no TLS where TLS is expected", "https", () => createHttp(answer), "tls", /does not speak TLS/],
  [
    "TLS where none is expected",
    "http",
    () => tcp((socket) => void socket.once("data", () => socket.end(Buffer.from([21, 3, 1, 0, 2, 2, 40])))),
    "tls",
    /expects TLS/,
  ],
  [
    "TLS that is cut off",
    "https",
    () => tcp((socket) => void socket.once("data", () => socket.destroy())),
    "connect",
    /ECONNRESET/,
  ],
  ["a server that closes at once", "http", () => tcp((socket) => void socket.end()), null],
  ["a server that says nothing", "http", () => tcp(() => {}), null],
  ["a server that speaks something else", "http", () => tcp((socket) => void socket.write("220 smtp\r\n")), null],
];

describe("a look of Node's", () => {
  it.each(TABLE)("at %s over %s", async (_, scheme, make, reason, words = /^/, trusts = true) => {
    const port = await listen(make());
    const found = await lookAt(`${scheme}://127.0.0.1:${port}`, trusts ? { ca: own.cert } : {});
    expect(found?.reason ?? null).toBe(reason);
    if (reason !== null) expect(found?.message).toMatch(words);
    expect(found?.message ?? "").not.toMatch(/127\.0\.0\.1|https?:|edge/);
  });

  it("at a closed port, and at a name that does not resolve", async () => {
    const port = await listen(createTcp());
    servers.splice(0).at(0)?.();
    const refused = await lookAt(`http://127.0.0.1:${port}`);
    expect([refused?.reason, refused?.message]).toEqual(["connect", "the connection was refused (ECONNREFUSED)"]);
    const unnamed = await lookAt("https://zako.invalid");
    expect(unnamed).toMatchObject({ reason: "dns", message: expect.stringMatching(/resolve|name servers/) });
  });

  it("at a certificate for another name", async () => {
    const port = await listen(createTls(own, (socket) => void socket.on("error", () => {})));
    const found = await lookAt(`https://localhost:${port}`, { ca: own.cert });
    // Where localhost is not 127.0.0.1 first, nobody listens there.
    if (found?.reason === "tls") expect(found.message).toMatch(/another host name/);
    else expect(found?.reason).toBe("connect");
  });
});

it("names every code of Node's without an address, and never as a fault of ours or of an edge", () => {
  const codes = [
    ..."ENOTFOUND EAI_AGAIN ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH EADDRNOTAVAIL".split(" "),
    ..."DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN CERT_HAS_EXPIRED CERT_NOT_YET_VALID CERT_REVOKED".split(
      " ",
    ),
    ..."ERR_TLS_CERT_ALTNAME_INVALID UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT_LOCALLY EPROTO".split(
      " ",
    ),
    ..."ERR_SSL_WRONG_VERSION_NUMBER ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED ERR_SSL_UNSUPPORTED_PROTOCOL".split(" "),
    ..."ERR_HTTP2_ERROR ERR_HTTP2_STREAM_ERROR ERR_HTTP2_SESSION_ERROR ENOSUCHCODE toString constructor".split(" "),
    "",
  ];
  for (const code of codes) {
    const error = Object.assign(new Error("connect 10.0.0.1:443 SECRET"), { code });
    const found = nodeFailureOf(error, "HTTP/1.1");
    expect(["dns", "connect", "tls", "timeout", "protocol", "grpc_only"]).toContain(found.reason);
    expect(JSON.stringify(found)).not.toMatch(/10\.0\.0\.1|SECRET|network edge/);
    expect(nodeFailureOf(new Error("stream", { cause: error }), "HTTP/1.1")).toEqual(found);
    expect(nodeFailureOf(new AggregateError([error]), "HTTP/1.1")).toEqual(found);
  }
});

describe("the look that the Worker of a local run takes", () => {
  const SIGNAL = new AbortController().signal;

  it("is what npm start finds, of known origins only", async () => {
    const port = await listen(createH2c(answer));
    const origin = `http://127.0.0.1:${port}`;
    const server = await startLookServer(lookAt, async (one) => one === origin);
    servers.push(() => void server.close());
    const look = localLook(server.url);
    expect(await look.ask(origin, SIGNAL)).toMatchObject({
      reason: "grpc_only",
      hint: expect.stringContaining("grpc"),
    });
    expect(await look.ask("http://127.0.0.1:1", SIGNAL)).toBeNull();
    expect(await localLook("http://127.0.0.1:1").ask(origin, SIGNAL)).toBeNull();
  });

  it("takes no reason from it that would excuse the server", async () => {
    for (const reason of ["internal", "over_budget", "platform_limit", "no_such_reason"]) {
      const lying = (async () => Response.json({ reason, message: "m", answered: true })) as typeof fetch;
      expect(await localLook("http://look", lying).ask("http://a", SIGNAL)).toBeNull();
    }
  });

  it("concerns what only a lost connection or an edge says", () => {
    const { concerns } = localLook("http://look");
    for (const reason of ["connect", "edge", "dns", "tls"] as const)
      expect(concerns(failure(reason, false))).toBe(true);
    for (const reason of ["timeout", "http_status", "rpc_unavailable", "corrupt"] as const)
      expect(concerns(failure(reason, true))).toBe(false);
  });
});

describe("a bridge", () => {
  const BRIDGED: readonly [what: string, make: () => Server, reason: Reason, words: RegExp][] = [
    ["speaks HTTP/1.1 alone", () => createHttp(answer), "protocol", /does not speak HTTP\/2/],
    ["speaks HTTP/1.1 alone over TLS", () => createHttps(own, answer), "protocol", /does not speak HTTP\/2/],
    ["closes at once", () => tcp((socket) => void socket.destroy()), "connect", /./],
  ];
  it.each(BRIDGED)(
    "knows why an origin that %s does not answer, and the edge's number is not all",
    async (what, make, reason, words) => {
      const scheme = what.includes("TLS") ? "https" : "http";
      const bridge = await startBridge(`${scheme}://127.0.0.1:${await listen(make())}`, { ca: own.cert });
      servers.push(() => void bridge.close());
      expect(bridge.lastFailure).toBeUndefined();
      await (await call(bridge)).text();
      expect(bridge.lastFailure?.reason).toBe(reason);
      expect(bridge.lastFailure?.message).toMatch(words);
    },
  );

  it("still knows why a call failed when another was answered before anybody asked, and forgets it in time", async () => {
    const first = await startOrigin();
    const { port } = first;
    await first.close();
    for (const [causeMs, reason] of [
      [60_000, "connect"],
      [0, undefined],
    ] as const) {
      const bridge = await startBridge(`http://127.0.0.1:${port}`, { times: { causeMs } });
      servers.push(() => void bridge.close());
      await (await call(bridge)).text();
      const origin = await startOrigin({ port });
      expect((await call(bridge)).status).toBe(200);
      await origin.close();
      expect([causeMs, bridge.lastFailure?.reason]).toEqual([causeMs, reason]);
    }
  });

  it("knows a refused connection, a bad name and a self-signed certificate", async () => {
    const tls = await listen(createSecureServer(own, answer));
    for (const [origin, reason, words] of [
      ["http://127.0.0.1:1", "connect", /refused/],
      ["http://zako.invalid:1", "dns", /resolve|name servers/],
      [`https://127.0.0.1:${tls}`, "tls", /self-signed/],
    ] as const) {
      const bridge = await startBridge(origin);
      servers.push(() => void bridge.close());
      await (await call(bridge)).text();
      expect([origin, bridge.lastFailure?.reason]).toEqual([origin, reason]);
      expect(bridge.lastFailure?.message).toMatch(words);
    }
  });
});
