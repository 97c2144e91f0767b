import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { constants, type IncomingHttpHeaders, type ServerStreamResponseOptions } from "node:http2";
import { connect as connectTcp } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startBridge } from "../../../../functions/cli/bridge/start-bridge.ts";
import { call, framesIn, outcome, through, WEB, withDeadline } from "./ask.ts";
import { answerOk, frame, framesOf, startOrigin } from "./scripted-origin.ts";

const origin = await startOrigin();
const bridge = await startBridge(origin.url);
afterAll(async () => {
  await bridge.close();
  await origin.close();
});
beforeEach(() => {
  origin.script = answerOk;
});

describe("requests", () => {
  const seen = async (headers: Record<string, string>, path = "/a.Service/Method"): Promise<IncomingHttpHeaders> => {
    let got: IncomingHttpHeaders = {};
    origin.script = (stream, sent) => {
      got = sent;
      answerOk(stream, sent);
    };
    const response = await fetch(`${bridge.url}${path}`, { method: "POST", headers, body: frame("hi") });
    await response.arrayBuffer();
    return got;
  };

  it.each([
    ["application/grpc-web", "application/grpc"],
    ["application/grpc-web+proto", "application/grpc+proto"],
    ["Application/gRPC-Web+proto; charset=utf-8", "application/grpc+proto; charset=utf-8"],
  ])("turn %s into %s, as the edge does", async (given, wanted) => {
    expect((await seen({ "content-type": given }))["content-type"]).toBe(wanted);
  });

  it("carry metadata, and nothing that belongs to HTTP/1.1 or to gRPC-Web alone", async () => {
    const got = await seen(
      {
        ...WEB,
        authorization: "Bearer x",
        "grpc-timeout": "5S",
        "grpc-encoding": "gzip",
        "trace-bin": "AAEC",
        "user-agent": "zako-watch/1",
        "x-grpc-web": "1",
        "x-user-agent": "zako-watch/1",
        accept: "*/*",
        "accept-encoding": "identity",
      },
      "/prefix/a.Service/Method?x=1",
    );
    const { [":path"]: path, [":method"]: method, [":scheme"]: scheme, [":authority"]: authority, ...rest } = got;
    expect([method, scheme, authority, path]).toEqual([
      "POST",
      "http",
      `127.0.0.1:${origin.port}`,
      "/prefix/a.Service/Method?x=1",
    ]);
    // These two are added by Node's fetch and are metadata like any other.
    const own = ["accept-language", "sec-fetch-mode"];
    expect(Object.fromEntries(Object.entries(rest).filter(([name]) => !own.includes(name)))).toEqual({
      "content-type": "application/grpc",
      te: "trailers",
      authorization: "Bearer x",
      "grpc-timeout": "5S",
      "grpc-encoding": "gzip",
      "trace-bin": "AAEC",
      "user-agent": "zako-watch/1",
    });
  });

  it("pass their bytes on as they are, flags and all, however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 6 }), async (chunks) => {
        const received: Buffer[] = [];
        origin.script = (stream, headers) => {
          stream.on("data", (chunk: Buffer) => received.push(chunk));
          stream.once("end", () => answerOk(stream, headers));
        };
        const request = httpRequest(`${bridge.url}/a.Service/Method`, { method: "POST", headers: WEB });
        for (const chunk of chunks) request.write(chunk);
        request.end();
        const [response] = (await once(request, "response")) as [IncomingMessage];
        response.resume();
        await once(response, "end");
        expect(Buffer.concat(received)).toEqual(Buffer.concat(chunks));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [{ method: "GET", body: null }, 405],
    [{ headers: { "content-type": "application/grpc" } }, 415],
    [{ headers: { "content-type": "application/grpc-web-text" } }, 415],
    [{ headers: { "content-type": "application/grpc-webby" } }, 415],
    [{ headers: { "content-type": "application/json" } }, 415],
    [{ headers: {}, body: null }, 415],
  ] as [RequestInit, number][])("%j are answered %i and never reach the origin", async (init, status) => {
    const before = origin.calls;
    const response = await call(bridge, init);
    expect([response.status, await response.text()]).toEqual([status, expect.stringMatching(/local bridge: .*\w/)]);
    expect(origin.calls).toBe(before);
  });

  it("with headers that HTTP/2 cannot carry are answered 400", async () => {
    const socket = connectTcp(Number(new URL(bridge.url).port), "127.0.0.1");
    socket.end(
      "POST /a HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc-web\r\nauthorization: a\r\nauthorization: b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    );
    let text = "";
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("answers", () => {
  it("get their trailers as the last frame, each value on its line", async () => {
    origin.script = (stream) => {
      stream.respond(
        { ":status": 200, "content-type": "application/grpc+proto", "x-head": ["a", "b"], "content-length": "8" },
        { waitForTrailers: true, sendDate: false } as ServerStreamResponseOptions,
      );
      stream.once("wantTrailers", () =>
        stream.sendTrailers({ "grpc-status": "5", "grpc-message": "caf%C3%A9", "x-two": ["1", "2"], "d-bin": "AAE" }),
      );
      stream.end(frame("abc"));
    };
    const response = await call(bridge);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/grpc-web+proto");
    expect(response.headers.get("x-head")).toBe("a, b");
    expect(response.headers.has("content-length")).toBe(false);
    // The origin's own, and it has sent none.
    expect(response.headers.has("date")).toBe(false);
    expect(await framesIn(response)).toEqual([
      [0, "abc"],
      [0x80, "grpc-status: 5\r\ngrpc-message: caf%C3%A9\r\nx-two: 1\r\nx-two: 2\r\nd-bin: AAE\r\n"],
    ]);
  });

  it("of trailers alone have their status in the frame and the rest in the head", async () => {
    origin.script = (stream) =>
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "grpc-status": "12", "grpc-message": "no", "x-a": "1" },
        { endStream: true },
      );
    const response = await call(bridge);
    expect([response.headers.get("grpc-status"), response.headers.get("x-a")]).toEqual([null, "1"]);
    expect(await framesIn(response)).toEqual([[0x80, "grpc-status: 12\r\ngrpc-message: no\r\n"]]);
  });

  it("that are compressed stay so", async () => {
    origin.script = (stream) => {
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "grpc-encoding": "gzip" },
        { waitForTrailers: true },
      );
      stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(frame("zzz", 1));
    };
    const response = await call(bridge);
    expect(response.headers.get("grpc-encoding")).toBe("gzip");
    expect((await framesIn(response))[0]).toEqual([1, "zzz"]);
  });

  it("without trailers get none made up", async () => {
    origin.script = (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.end(frame("abc"));
    };
    expect(await framesIn(await call(bridge))).toEqual([[0, "abc"]]);
  });

  it.each([404, 200, 503, 307])("that are no gRPC pass through, HTTP %i", async (status) => {
    origin.script = (stream) => {
      stream.respond({ ":status": status, "content-type": "text/html", location: "/x", "grpc-status": "0" });
      stream.end("<h1>no</h1>");
    };
    const response = await call(bridge, { redirect: "manual" });
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(response.headers.get("location")).toBe("/x");
    expect(await outcome(response)).toEqual([status, "<h1>no</h1>"]);
  });

  it("begin before they are whole", async () => {
    let finish = (): void => {};
    origin.script = (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.write(frame("first"));
      finish = () => stream.end(frame("second"));
    };
    const response = await call(bridge);
    const reader = response.body?.getReader();
    expect(framesOf((await reader?.read())?.value as Uint8Array)).toEqual([[0, "first"]]);
    finish();
    const rest: Uint8Array[] = [];
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) rest.push(next.value);
    expect(framesOf(Buffer.concat(rest)).map(([, data]) => data)).toEqual(["second", "grpc-status: 0\r\n"]);
  });

  it("may end before their request does; the connection is then as good as new", async () => {
    let wasReset = false;
    let isThere = false;
    let answer = (): void => {};
    origin.script = (stream) => {
      isThere = true;
      stream.once("close", () => {
        wasReset = stream.rstCode === constants.NGHTTP2_CANCEL;
      });
      answer = () => {
        stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "8" }, { endStream: true });
        stream.resume();
      };
    };
    const request = httpRequest(`${bridge.url}/a.Service/Method`, { method: "POST", headers: WEB });
    // More than the origin, which does not read, and all buffers on the way take.
    request.write(Buffer.alloc(32 * 2 ** 20));
    await vi.waitFor(() => expect(isThere).toBe(true), withDeadline);
    answer();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const body: Buffer[] = [];
    for await (const chunk of response) body.push(chunk as Buffer);
    expect(framesOf(Buffer.concat(body))).toEqual([[0x80, "grpc-status: 8\r\n"]]);
    await vi.waitFor(() => expect(wasReset).toBe(true), withDeadline);
    request.end();
    await once(request, "close");
    expect(request.writableFinished).toBe(true);
    origin.script = answerOk;
    expect((await framesIn(await call(bridge)))[0]).toEqual([0, "hello"]);
  });
});

describe("long streams", () => {
  const TOTAL = 64 * 2 ** 20;
  /** Windows, stream buffers and the kernel's, which grow to several MB on loopback. */
  const BOUND = 24 * 2 ** 20;
  const piece = Buffer.alloc(65_536);

  /** Where something stops that only this process, by turns of its event loop, could carry on. */
  async function standstill(progress: () => number): Promise<number> {
    for (let still = 0, last = progress(); still < 500; still++) {
      await turn();
      if (progress() !== last) still = 0;
      last = progress();
    }
    return progress();
  }

  it("of answers wait for a client that does not read", async () => {
    let written = 0;
    origin.script = (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      const write = (): void => {
        while (written < TOTAL) {
          written += piece.length;
          if (!stream.write(piece)) return void stream.once("drain", write);
        }
        stream.end();
      };
      write();
    };
    const response = await call(bridge);
    expect(await standstill(() => written)).toBeLessThan(BOUND);
    expect((await response.arrayBuffer()).byteLength).toBe(TOTAL + 5 + "grpc-status: 0\r\n".length);
  });

  it("of requests wait for an origin that does not read", async () => {
    let read = 0;
    let go = (): void => {};
    origin.script = async (stream, headers) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      for await (const chunk of stream) read += (chunk as Buffer).length;
      answerOk(stream, headers);
    };
    const request = httpRequest(`${bridge.url}/a.Service/Method`, { method: "POST", headers: WEB });
    const response = once(request, "response") as Promise<[IncomingMessage]>;
    let written = 0;
    const writing = (async () => {
      while (written < TOTAL) {
        written += piece.length;
        if (!request.write(piece)) await once(request, "drain");
      }
      request.end();
    })();
    expect(await standstill(() => written)).toBeLessThan(BOUND);
    go();
    await writing;
    (await response)[0].resume();
    expect(read).toBe(TOTAL);
  });

  it("one that stands still holds no other up", async () => {
    const other = await startOrigin();
    await through(other.url, async (own) => {
      other.script = (stream) => {
        stream.respond({ ":status": 200, "content-type": "application/grpc" });
        stream.write(Buffer.alloc(4 * 2 ** 20));
      };
      const still = await call(own);
      other.script = answerOk;
      for (let i = 0; i < 20; i++) expect((await framesIn(await call(own)))[0]).toEqual([0, "hello"]);
      expect(other.totalSessions).toBe(1);
      await still.body?.cancel();
    });
    await other.close();
  });
});
