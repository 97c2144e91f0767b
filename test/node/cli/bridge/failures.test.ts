import { request as httpRequest } from "node:http";
import { constants } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { edgeFailureOf } from "../../../../functions/cli/bridge/edge-failure.ts";
import { startBridge } from "../../../../functions/cli/bridge/start-bridge.ts";
import { readGrpcTimeout } from "../../../../functions/lib/grpc-timeout.ts";
import { call, framesIn, outcome, startTcp, through, WEB, withDeadline } from "./ask.ts";
import { answerOk, frame, framesOf, startOrigin } from "./scripted-origin.ts";
import { selfSigned } from "./self-signed.ts";

/** An empty SETTINGS frame: what a server of HTTP/2 says first. */
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

const origin = await startOrigin();
const bridge = await startBridge(origin.url);
afterAll(async () => {
  await bridge.close();
  await origin.close();
});
beforeEach(() => {
  origin.script = answerOk;
});

describe("failures", () => {
  it("a refused connection is 521, as behind the edge, and tried anew by the next call", async () => {
    const gone = await startTcp(() => {});
    gone.close();
    await through(`http://127.0.0.1:${gone.port}`, async (own) => {
      expect(await outcome(await call(own))).toEqual([521, "error code: 521"]);
      const late = await startOrigin({ port: gone.port });
      expect((await framesIn(await call(own)))[0]).toEqual([0, "hello"]);
      await late.close();
    });
  });

  it("a name that does not resolve is 530 with 1016", async () => {
    await through("http://zako.invalid:1", async (own) => {
      expect(await outcome(await call(own))).toEqual([530, "error code: 1016"]);
    });
  });

  it.each([
    ["closes at once", (socket: Socket) => void socket.destroy()],
    ["does not speak HTTP/2", (socket: Socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ])("an origin that %s is 520", async (_, act) => {
    const server = await startTcp((socket) => void socket.once("data", () => act(socket)));
    await through(`http://127.0.0.1:${server.port}`, async (own) => {
      expect(await outcome(await call(own))).toEqual([520, "error code: 520"]);
    });
    server.close();
  });

  it.each([
    ["INTERNAL_ERROR", constants.NGHTTP2_INTERNAL_ERROR],
    ["CANCEL", constants.NGHTTP2_CANCEL],
    ["NO_ERROR", constants.NGHTTP2_NO_ERROR],
  ])("a reset before the answer, %s, is 520 and asked once", async (_, code) => {
    const before = origin.calls;
    origin.script = (stream) => stream.close(code);
    expect(await outcome(await call(bridge))).toEqual([520, "error code: 520"]);
    expect(origin.calls - before).toBe(1);
  });

  it("a reset within the answer cuts it", async () => {
    origin.script = (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      // A close by code would end the body first.
      stream.write(frame("abc"), () => stream.destroy(new Error("broken")));
    };
    expect(await outcome(await call(bridge))).toEqual([200, "cut"]);
  });

  it("an origin that dies within the answer cuts it, and the next call finds the new one", async () => {
    const mortal = await startOrigin();
    await through(mortal.url, async (own) => {
      mortal.script = (stream) => {
        stream.respond({ ":status": 200, "content-type": "application/grpc" });
        stream.write(frame("abc"));
      };
      const response = await call(own);
      await mortal.close();
      expect(await outcome(response)).toEqual([200, "cut"]);
      const heir = await startOrigin({ port: mortal.port });
      expect((await framesIn(await call(own)))[0]).toEqual([0, "hello"]);
      await heir.close();
      await vi.waitFor(() => expect(own.sessions).toBe(0), withDeadline);
    });
  });

  it("a stream refused unread is sent once more, body and all, and no more than once", async () => {
    const bodies: Buffer[] = [];
    let refusals = 1;
    origin.script = (stream, headers) => {
      if (refusals-- > 0) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else {
        stream.on("data", (chunk: Buffer) => bodies.push(chunk));
        stream.once("end", () => answerOk(stream, headers));
      }
    };
    // More than a stream takes at once, so that the rest waits.
    const text = "x".repeat(60_000);
    expect((await framesIn(await call(bridge, { body: frame(text) })))[0]).toEqual([0, "hello"]);
    expect(framesOf(Buffer.concat(bodies))).toEqual([[0, text]]);
    refusals = 2;
    expect((await outcome(await call(bridge)))[0]).toBe(520);
  });
});

describe("farewells (GOAWAY)", () => {
  it("let calls in flight end, and send the next ones over a new connection", async () => {
    const other = await startOrigin();
    await through(other.url, async (own) => {
      let finish = (): void => {};
      other.script = (stream) => {
        stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.write(frame("first"));
        finish = () => stream.end();
      };
      const early = await call(own);
      const [session] = other.sessions;
      session?.goaway(constants.NGHTTP2_NO_ERROR);
      other.script = answerOk;
      await vi.waitFor(async () => {
        expect((await framesIn(await call(own)))[0]).toEqual([0, "hello"]);
        expect(other.totalSessions).toBe(2);
      }, withDeadline);
      finish();
      expect(await framesIn(early)).toEqual([
        [0, "first"],
        [0x80, "grpc-status: 0\r\n"],
      ]);
      await vi.waitFor(() => expect(own.sessions).toBe(1), withDeadline);
    });
    await other.close();
  });

  it("that come instead of an answer cost nothing", async () => {
    let connections = 0;
    const server = await startTcp((socket) => {
      if (++connections > 1) {
        const onward = connectTcp(origin.port, "127.0.0.1");
        onward.on("error", () => {});
        socket.pipe(onward).pipe(socket);
        return;
      }
      socket.write(SETTINGS);
      let received = Buffer.alloc(0);
      socket.on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        // The request is there with its body: now GOAWAY says that not even stream 1 was looked at.
        if (received.includes("hi")) socket.write(Buffer.from([0, 0, 8, 7, 0, ...new Array<number>(12).fill(0)]));
      });
    });
    await through(`http://127.0.0.1:${server.port}`, async (own) => {
      expect((await framesIn(await call(own)))[0]).toEqual([0, "hello"]);
      expect(connections).toBe(2);
    });
    server.close();
  });
});

describe("deadlines", () => {
  const short = { headers: { ...WEB, "grpc-timeout": "1m" } };
  const times = { graceMs: 1, pingMs: 1 };

  it("without an answer are 524, and the stream is canceled", async () => {
    let rstCode = -1;
    origin.script = (stream) => {
      stream.resume();
      stream.once("close", () => {
        rstCode = stream.rstCode;
      });
    };
    await through(
      origin.url,
      async (own) => {
        expect(await outcome(await call(own, short))).toEqual([524, "error code: 524"]);
        await vi.waitFor(() => expect(rstCode).toBe(constants.NGHTTP2_CANCEL), withDeadline);
      },
      { times: { graceMs: 100 } },
    );
  });

  it("without a connection are 522", async () => {
    const mute = await startTcp(() => {});
    await through(
      `https://127.0.0.1:${mute.port}`,
      async (own) => expect(await outcome(await call(own, short))).toEqual([522, "error code: 522"]),
      { times },
    );
    mute.close();
  });

  it("within an answer cut it", async () => {
    let rstCode = -1;
    origin.script = (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(frame("abc"));
      stream.once("close", () => {
        rstCode = stream.rstCode;
      });
    };
    await through(
      origin.url,
      async (own) => {
        expect(await outcome(await call(own, short))).toEqual([200, "cut"]);
        await vi.waitFor(() => expect(rstCode).toBe(constants.NGHTTP2_CANCEL), withDeadline);
      },
      { times: { graceMs: 100 } },
    );
  });

  it("leave the origin its own word", async () => {
    origin.script = (stream, headers) => {
      expect(headers["grpc-timeout"]).toBe("20m");
      setTimeout(() => {
        stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "4" }, { endStream: true });
      }, 25);
    };
    await through(
      origin.url,
      async (own) =>
        expect(await framesIn(await call(own, { headers: { ...WEB, "grpc-timeout": "20m" } }))).toEqual([
          [0x80, "grpc-status: 4\r\n"],
        ]),
      { times: { graceMs: 60_000 } },
    );
  });
});

describe("connections", () => {
  it("that do not come about in time are 522, without any deadline", async () => {
    const mute = await startTcp(() => {});
    await through(
      `https://127.0.0.1:${mute.port}`,
      async (own) => {
        expect(await outcome(await call(own))).toEqual([522, "error code: 522"]);
        await vi.waitFor(() => expect(own.sessions).toBe(0), withDeadline);
      },
      { times: { connectMs: 1 } },
    );
    mute.close();
  });

  it("that have gone silent are given up after an unanswered call", async () => {
    const silent = await startTcp((socket) => void socket.write(SETTINGS));
    await through(
      `http://127.0.0.1:${silent.port}`,
      async (own) => {
        const headers = { ...WEB, "grpc-timeout": "1m" };
        expect(await outcome(await call(own, { headers }))).toEqual([524, "error code: 524"]);
        await vi.waitFor(() => expect(own.sessions).toBe(0), withDeadline);
      },
      { times: { graceMs: 200, pingMs: 1 } },
    );
    silent.close();
  });

  it("that are only busy are kept", async () => {
    origin.script = (stream) => void stream.resume();
    await through(
      origin.url,
      async (own) => {
        const before = origin.totalSessions;
        const headers = { ...WEB, "grpc-timeout": "1m" };
        for (let i = 0; i < 5; i++) expect((await call(own, { headers })).status).toBe(524);
        expect(origin.totalSessions - before).toBe(1);
      },
      { times: { graceMs: 400, pingMs: 1_000 } },
    );
  });
});

describe("clients that leave", () => {
  it.each(["before the answer", "within the answer", "within the request"])("%s cancel the stream", async (when) => {
    let rstCode = -1;
    let isThere = false;
    let seemedWhole = false;
    origin.script = (stream) => {
      isThere = true;
      stream.resume();
      stream.once("end", () => {
        seemedWhole = stream.rstCode === constants.NGHTTP2_NO_ERROR;
      });
      stream.once("close", () => {
        rstCode = stream.rstCode;
      });
      if (when !== "within the answer") return;
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      // More than anyone takes, so that the bridge holds unread bytes when the client leaves.
      stream.write(Buffer.alloc(8 * 2 ** 20));
    };
    const request = httpRequest(`${bridge.url}/a.Service/Method`, { method: "POST", headers: WEB });
    request.on("error", () => {});
    // Listened for from the start: it may come before anybody has looked whether the stream is there.
    const responded = new Promise((resolve) => request.once("response", resolve));
    request.write(frame("hi"));
    if (when !== "within the request") request.end();
    await vi.waitFor(() => expect(isThere).toBe(true), withDeadline);
    if (when === "within the answer") await responded;
    request.destroy();
    await vi.waitFor(() => expect(rstCode).toBe(constants.NGHTTP2_CANCEL), withDeadline);
    if (when === "within the request") expect(seemedWhole).toBe(false);
  });
});

describe("over TLS", () => {
  const tls = selfSigned();

  it("speaks HTTP/2 where it trusts the certificate, and is 526 where it does not", async () => {
    const secure = await startOrigin({ tls });
    await through(secure.url, async (own) => expect((await framesIn(await call(own)))[0]).toEqual([0, "hello"]), {
      ca: tls.cert,
    });
    await through(secure.url, async (own) => expect(await outcome(await call(own))).toEqual([526, "error code: 526"]));
    await secure.close();
  });

  it("is 525 where the origin has no TLS", async () => {
    await through(`https://127.0.0.1:${origin.port}`, async (own) =>
      expect(await outcome(await call(own))).toEqual([525, "error code: 525"]),
    );
  });
});

it("closes while calls are in flight and leaves nothing open", async () => {
  const own = await startBridge(origin.url);
  let isClosed = false;
  origin.script = (stream) => {
    stream.once("close", () => {
      isClosed = true;
    });
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
  };
  const response = await call(own);
  await own.close();
  expect(await outcome(response)).toEqual([200, "cut"]);
  await vi.waitFor(() => expect(isClosed).toBe(true), withDeadline);
  expect(own.sessions).toBe(0);
});

describe("words", () => {
  const failing = (code: string, cause?: Error): Error => Object.assign(new Error("no", { cause }), { code });

  it.each([
    ["ECONNREFUSED", 521, 521],
    ["ETIMEDOUT", 522, 522],
    ["EHOSTUNREACH", 523, 523],
    ["EPROTO", 525, 525],
    ["ERR_SSL_WRONG_VERSION_NUMBER", 525, 525],
    ["CERT_HAS_EXPIRED", 526, 526],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", 526, 526],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", 526, 526],
    ["ERR_TLS_CERT_ALTNAME_INVALID", 526, 526],
    ["EAI_AGAIN", 530, 1016],
    ["ECONNRESET", 520, 520],
    ["constructor", 520, 520],
  ])("of Node, %s, are %i with code %i", (word, status, code) => {
    const plain = failing(word);
    for (const error of [plain, failing("ERR_HTTP2_STREAM_CANCEL", plain), new AggregateError([plain, new Error("b")])])
      expect(edgeFailureOf(error)).toEqual({ status, code });
  });

  it.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3_000],
    ["99999999m", 99_999_999],
    ["1500u", 2],
    ["1n", 1],
    ["0m", 0],
    ["123456789m", undefined],
    ["5", undefined],
    ["-1S", undefined],
    ["1.5S", undefined],
    ["5s", undefined],
    [undefined, undefined],
  ])("of a deadline, %s, are %s ms", (text, ms) => expect(readGrpcTimeout(text)).toBe(ms));
});
