import { connect as connectTcp } from "node:net";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { bytesOf, clientsOf, codeOf, ways } from "./clients.ts";
import { startZako } from "./server.ts";

/** Looks again at once: what is waited for comes with the next turns of the event loop. */
const withDeadline = { interval: 1, timeout: 10_000 };

const zako = await startZako();
afterAll(() => zako.close());
beforeEach(() => zako.reset());

/** HealthCheckResponse { status: SERVING }. */
const serving = [0x08, 0x01];
const frame = [0, 0, 0, 0, 2, ...serving];

const bodies = { "application/grpc-web+proto": new Uint8Array(5), "application/proto": new Uint8Array(0) };
type ContentType = keyof typeof bodies;

/** Health.Check without a client library, so that nothing hides what is on the wire. */
function check(type: ContentType, init: RequestInit = {}): Promise<Response> {
  return fetch(`${zako.url}/grpc.health.v1.Health/Check`, {
    ...{ method: "POST", redirect: "manual", headers: { "content-type": type }, body: bodies[type] },
    ...init,
  });
}

const bytes = async (response: Response): Promise<number[]> => [...new Uint8Array(await response.arrayBuffer())];
const text = async (response: Response): Promise<string> =>
  Buffer.from(await response.arrayBuffer()).toString("latin1");
const cause = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "nothing",
    (error: { cause?: { code?: string } }) => error.cause?.code,
  );

const web: ContentType = "application/grpc-web+proto";
const connect: ContentType = "application/proto";

describe("without a fault", () => {
  it("answers gRPC-Web with one message and a trailers frame", async () => {
    const body = await bytes(await check(web));
    expect(body.slice(0, 7)).toEqual(frame);
    expect(body[7]).toBe(0x80);
    expect(Buffer.from(body.slice(12)).toString()).toMatch(/^grpc-status: 0\r\n/);
  });

  it("answers unary Connect with the bare message and its length", async () => {
    const response = await check(connect);
    expect(response.headers.get("content-length")).toBe("2");
    expect(await bytes(response)).toEqual(serving);
  });

  it("never compresses, as the server it stands for", async () => {
    const headers = { "content-type": connect, "accept-encoding": "gzip, br" };
    expect((await check(connect, { headers })).headers.get("content-encoding")).toBeNull();
  });

  it("answers 404 to what is no RPC, 405 to GET and 415 to a codec it does not know", async () => {
    expect((await fetch(`${zako.url}/nowhere`, { method: "POST", body: "x" })).status).toBe(404);
    expect(zako.state().unknownPaths).toEqual({ "/nowhere": 1 });
    expect((await fetch(`${zako.url}/grpc.health.v1.Health/Check`)).status).toBe(405);
    expect((await check(connect, { headers: { "content-type": "text/plain" } })).status).toBe(415);
  });
});

describe("on the wire", () => {
  it.each([web, connect])("html-error is a page under its status, %s", async (type) => {
    zako.faults.set("html-error", { status: 503 });
    const response = await check(type);
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(await text(response)).toContain("<h1>503");
  });

  it("redirect names its place", async () => {
    zako.faults.set("redirect", { status: 307, location: "http://127.0.0.1:9/x" });
    const response = await check(web);
    expect([response.status, response.headers.get("location")]).toEqual([307, "http://127.0.0.1:9/x"]);
  });

  it.each([
    [{}, 530, "error code: 1016"],
    [{ status: 522 }, 522, "error code: 522"],
    [{ status: 530, error: 1033 }, 530, "error code: 1033"],
  ])("edge %j speaks like Cloudflare's", async (params, status, body) => {
    zako.faults.set("edge", params);
    const response = await check(connect);
    expect([response.status, response.headers.get("server"), await text(response)]).toEqual([
      status,
      "cloudflare",
      body,
    ]);
  });

  it.each([
    [{}, 415, null],
    [{ status: 200 }, 200, "12"],
  ])("grpc-only %j has gRPC's content type", async (params, status, grpcStatus) => {
    zako.faults.set("grpc-only", params);
    const response = await check(web);
    const { headers } = response;
    expect([response.status, headers.get("content-type"), headers.get("grpc-status"), await bytes(response)]).toEqual([
      status,
      "application/grpc",
      grpcStatus,
      [],
    ]);
  });

  it("wrong-content-type changes the header and not the body", async () => {
    zako.faults.set("wrong-content-type", { type: "application/octet-stream" });
    const response = await check(web);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect((await bytes(response)).slice(0, 7)).toEqual(frame);
  });

  it("truncate ends gRPC-Web in good order, and unary Connect short of its length", async () => {
    zako.faults.set("truncate");
    expect(await bytes(await check(web))).toEqual(frame.slice(0, 6));
    const response = await check(connect);
    expect([response.status, response.headers.get("content-length")]).toEqual([200, "2"]);
    expect(await cause(response.arrayBuffer())).toBe("UND_ERR_SOCKET");
  });

  it("no-trailers leaves the message whole", async () => {
    zako.faults.set("no-trailers");
    expect(await bytes(await check(web))).toEqual(frame);
  });

  it("garbage-messages are framed, garbage-frames are not", async () => {
    zako.faults.set("garbage-messages");
    const framed = await bytes(await check(web));
    expect(framed.slice(0, 6)).toEqual([0, 0, 0, 0, 64, 0xff]);
    expect(Buffer.from(framed).includes("grpc-status: 0")).toBe(true);
    expect(await bytes(await check(connect))).toEqual(new Array(64).fill(0xff));
    zako.faults.clear();
    zako.faults.set("garbage-frames", { bytes: 100 });
    const noise = await bytes(await check(web));
    expect(noise).toHaveLength(100);
    expect(Buffer.from(noise).readUInt32BE(1)).toBeGreaterThan(100);
  });

  it("compressed-flag lies in the frame, or in the header of unary Connect", async () => {
    zako.faults.set("compressed-flag");
    expect((await bytes(await check(web))).slice(0, 7)).toEqual([1, ...frame.slice(1)]);
    const response = await check(connect);
    expect(response.headers.get("content-encoding")).toBe("gzip");
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it("frame-length announces 4 GiB and sends the message alone", async () => {
    zako.faults.set("frame-length");
    expect(await bytes(await check(web))).toEqual([0, 0xff, 0xff, 0xff, 0xff, ...serving]);
  });

  it("invalid-utf8 is raw in JSON and percent-encoded in trailers", async () => {
    zako.faults.set("invalid-utf8");
    expect(await text(await check(connect))).toContain("broken \xff\xfe\xff\xfe\xc3( text");
    expect(await text(await check(web))).toContain("grpc-message: broken%20%FF%FE%20text");
  });

  it("huge-error brings 10 MB by default", async () => {
    zako.faults.set("huge-error");
    const { message } = (await (await check(connect)).json()) as { message: string };
    expect(message).toHaveLength(10_000_000);
  });

  it.each([
    ["huge-message", web],
    ["huge-message", connect],
    ["endless-stream", web],
    ["endless-stream", connect],
  ] as const)("%s flows only as fast as it is read, %s", async (name, type) => {
    zako.faults.set(name);
    const leave = new AbortController();
    const response = await check(type, { signal: leave.signal });
    let received = 0;
    let head: number[] = [];
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      if (received === 0) head = [...chunk.slice(0, 5)];
      received += chunk.length;
      if (received > 4_000_000) break;
    }
    leave.abort();
    if (name === "huge-message" && type === web) expect(head).toEqual([0, 0x40, 0, 0, 0]);
    await vi.waitFor(() => expect(zako.state().calls).toMatchObject({ inFlight: 0, aborted: 1 }), withDeadline);
    // What fits into the buffers of both ends may be under way, a gigabyte may not.
    expect(zako.state().bytes.sent).toBeLessThan(64_000_000);
  });

  it("slow-drip sends piece by piece", async () => {
    zako.faults.set("slow-drip", { ms: 5, bytes: 1 });
    const pieces: number[] = [];
    for await (const chunk of (await check(connect)).body as unknown as AsyncIterable<Uint8Array>)
      pieces.push(chunk.length);
    expect(pieces).toEqual([1, 1]);
  });

  it.each([web, connect])("hang-mid-stream sends headers and the first half, %s", async (type) => {
    zako.faults.set("hang-mid-stream");
    const leave = new AbortController();
    const response = await check(type, { signal: leave.signal });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect([...(first?.value ?? [])]).toEqual(type === web ? frame.slice(0, 4) : serving.slice(0, 1));
    leave.abort();
    await expect(reader?.read()).rejects.toThrow("aborted");
  });

  it.each([web, connect])("reset and hang-up break the connection before headers, %s", async (type) => {
    zako.faults.set("reset");
    expect(await cause(check(type))).toBe("ECONNRESET");
    zako.faults.clear();
    zako.faults.set("hang-up");
    expect(await cause(check(type))).toBe("UND_ERR_SOCKET");
  });

  it.each([web, connect])("reset-mid-body breaks it after them, %s", async (type) => {
    zako.faults.set("reset-mid-body");
    const response = await check(type);
    expect(response.status).toBe(200);
    expect(await cause(response.arrayBuffer())).toBe("ECONNRESET");
  });

  it("not-http is no HTTP", async () => {
    zako.faults.set("not-http");
    await expect(check(web)).rejects.toMatchObject({ cause: { name: "HTTPParserError" } });
  });

  it("endless-headers go on until the client has had enough", async () => {
    zako.faults.set("endless-headers");
    const { port } = new URL(zako.url);
    const request = `POST /grpc.health.v1.Health/Check HTTP/1.1\r\nHost: x\r\nContent-Type: ${web}\r\nContent-Length: 5\r\n\r\n\0\0\0\0\0`;
    const head = await new Promise<string>((resolve, reject) => {
      let read = 0;
      let first = "";
      const socket = connectTcp(Number(port), "127.0.0.1", () => socket.write(request));
      socket.on("error", reject);
      socket.on("data", (chunk) => {
        first ||= chunk.toString("latin1");
        read += chunk.length;
        if (read < 2_000_000) return;
        socket.destroy();
        resolve(first);
      });
    });
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\nx-endless-0: z/);
    expect(head).not.toContain("\r\n\r\n");
    await vi.waitFor(() => expect(zako.state().calls.inFlight).toBe(0), withDeadline);
  });

  it("an early answer never breaks a client that is still sending", async () => {
    zako.faults.set("html-error");
    for (let round = 0; round < 10; round++) {
      const response = await check(web, { body: bytesOf(1_000_000) });
      expect(response.status).toBe(502);
      await response.arrayBuffer();
    }
    expect(zako.state().calls.aborted).toBe(0);
  });
});

describe("where a fault acts", () => {
  const way = ways[0] as (typeof ways)[number];
  const { health, cas } = clientsOf(way, zako);
  const checks = async (count: number): Promise<string[]> => {
    const codes: string[] = [];
    for (let at = 0; at < count; at++) codes.push(await codeOf(health.check({})));
    return codes;
  };

  it("`times` is how many calls it hits", async () => {
    zako.faults.set("rpc", { code: "aborted", times: 2 });
    expect(await checks(3)).toEqual(["aborted", "aborted", "ok"]);
    expect(zako.state()).toMatchObject({ faults: [], faultsApplied: { rpc: 2 } });
  });

  it("`method` is a method or a whole service, and other calls do not use `times` up", async () => {
    zako.faults.set("rpc", { method: "cas", times: 1 });
    expect(await checks(1)).toEqual(["ok"]);
    expect(await codeOf(cas.getTransportDetails({ supportedProtocols: [0] }))).toBe("unavailable");
    zako.faults.set("rpc", { method: "health.Watch" });
    expect(await checks(1)).toEqual(["ok"]);
  });

  it("`probability` hits its share, and the same calls again in the next run", async () => {
    const round = async (): Promise<string[]> => {
      zako.faults.clear();
      zako.faults.set("rpc", { probability: 0.3 });
      return checks(60);
    };
    const first = await round();
    const hit = first.filter((code) => code === "unavailable").length;
    expect(hit).toBeGreaterThan(6);
    expect(hit).toBeLessThan(30);
    expect(await round()).toEqual(first);
  });

  it("several act at once, and one that is set again is replaced", async () => {
    zako.faults.set("empty-token");
    zako.faults.set("zero-concurrency", { value: 5 });
    zako.faults.set("zero-concurrency");
    const details = await cas.getTransportDetails({ supportedProtocols: [0] });
    expect(details).toMatchObject({ authToken: "", recommendedConcurrency: 0 });
    expect(zako.state().faults.map(({ name }) => name)).toEqual(["empty-token", "zero-concurrency"]);
  });
});
