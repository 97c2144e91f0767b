import type { IncomingMessage, ServerResponse } from "node:http";
import { type ClientHttp2Session, type ClientHttp2Stream, constants, type OutgoingHttpHeaders } from "node:http2";
import { readGrpcTimeout } from "../../lib/grpc-timeout.ts";
import { type Failure, failure } from "../../model/probing/failure.ts";
import { nodeFailureOf } from "../look/node-failure.ts";
import type { BridgeTimes } from "./bridge-times.ts";
import { type EdgeFailure, edgeFailureOf, UNANSWERED, UNREACHED, UNUSABLE } from "./edge-failure.ts";
import { nativeHead } from "./request-head.ts";
import { trailerFrame, webHead } from "./response-head.ts";
import type { Upstream } from "./upstream.ts";

const { NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

const NO_CONNECTION = failure("timeout", false, { message: "no connection to the server within the deadline" });
const NO_ANSWER = failure("timeout", false, {
  message: "the server took the call and did not answer within the deadline",
});
const UNREADABLE_HEAD = failure("protocol", true, { message: "the answer's headers cannot be read" });

/** Node fires timers above this at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Requests up to this length can be sent again when an origin refuses them unread. */
const REPLAY_BYTES = 64 * 1024;

/** Carries one gRPC-Web call to the upstream and its answer back, chunk by chunk and no faster than either side reads. */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #upstream: Upstream;
  readonly #graceMs: number;
  /** Resets the stream with CANCEL. Its `close()` would end the request first, as if it were whole. */
  readonly #cancel = new AbortController();
  #headers: OutgoingHttpHeaders = {};
  #session: ClientHttp2Session | undefined;
  #stream: ClientHttp2Stream | undefined;
  #deadline: NodeJS.Timeout | undefined;
  /** What was sent so far; undefined once it must not, or cannot, be sent again. */
  #sent: Buffer[] | undefined = [];
  #sentBytes = 0;
  #isGrpc = false;
  #trailers: readonly string[] | undefined;
  /** The client has its answer, or will get no more of it. */
  #isOver = false;

  constructor(request: IncomingMessage, response: ServerResponse, upstream: Upstream, { graceMs }: BridgeTimes) {
    this.#request = request;
    this.#response = response;
    this.#upstream = upstream;
    this.#graceMs = graceMs;
  }

  start(): void {
    this.#response.sendDate = false;
    const head = nativeHead(this.#request, this.#upstream.origin);
    if (!head.ok) {
      this.#refuse(head.status, `zako-watch's local bridge: ${head.message}\n`, head.headers);
      return;
    }
    this.#headers = head.headers;
    this.#response.once("close", () => {
      clearTimeout(this.#deadline);
      if (!this.#isOver) this.#stop();
    });
    const timeoutMs = readGrpcTimeout(this.#request.headersDistinct["grpc-timeout"]?.[0]);
    if (timeoutMs !== undefined)
      this.#deadline = setTimeout(() => this.#expire(), Math.min(timeoutMs + this.#graceMs, LONGEST_TIMER_MS));
    this.#open();
    this.#forward();
  }

  /** Opens a stream, and sends what was sent before on another. */
  #open(): void {
    const session = this.#upstream.session();
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(this.#headers, { endStream: false, signal: this.#cancel.signal });
    } catch {
      this.#refuse(400, "zako-watch's local bridge: these headers cannot be sent over HTTP/2\n", {});
      return;
    }
    this.#session = session;
    this.#stream = stream;
    let error: unknown;
    stream.on("error", (cause) => {
      error = cause;
    });
    stream.once("response", (_headers, _flags, raw) => this.#answer(stream, raw));
    stream.once("trailers", (_trailers, _flags, raw) => {
      this.#trailers = raw;
    });
    stream.once("end", () => this.#end(stream));
    stream.once("close", () => this.#closed(stream, error));
    stream.on("drain", () => this.#request.resume());
    for (const chunk of this.#sent ?? []) stream.write(chunk);
    if (this.#request.readableEnded) stream.end();
  }

  #forward(): void {
    this.#request.on("data", (chunk: Buffer) => {
      if (this.#isOver) return;
      this.#sentBytes += chunk.length;
      if (this.#sentBytes > REPLAY_BYTES) this.#sent = undefined;
      this.#sent?.push(chunk);
      if (this.#stream?.writable === true && !this.#stream.write(chunk)) this.#request.pause();
    });
    this.#request.once("end", () => this.#stream?.end());
  }

  #answer(stream: ClientHttp2Stream, raw: readonly string[]): void {
    this.#sent = undefined;
    this.#upstream.answered();
    const head = webHead(raw);
    this.#isGrpc = head.isGrpc;
    this.#trailers = head.trailers;
    try {
      this.#response.writeHead(head.status, head.headers);
    } catch {
      // A head that HTTP/1.1 cannot carry.
      this.#fail(UNUSABLE, UNREADABLE_HEAD);
      return;
    }
    this.#response.flushHeaders();
    stream.pipe(this.#response, { end: false });
  }

  /** An end can also be that of a stream that was cut; it must not look like a whole answer. */
  #end(stream: ClientHttp2Stream): void {
    if (this.#isOver || !this.#response.headersSent) return;
    if (this.#trailers === undefined && stream.rstCode !== NGHTTP2_NO_ERROR) {
      this.#cut();
      return;
    }
    if (this.#isGrpc && this.#trailers !== undefined) this.#response.write(trailerFrame(this.#trailers));
    this.#finish();
  }

  #closed(stream: ClientHttp2Stream, error: unknown): void {
    if (this.#isOver) return;
    if (this.#response.headersSent) {
      this.#cut();
    } else if (stream.rstCode === NGHTTP2_REFUSED_STREAM && this.#sent !== undefined) {
      // The origin has not looked at it (RFC 9113, 8.7): it is full, or says farewell. Once more is enough.
      this.#open();
      this.#sent = undefined;
    } else {
      this.#fail(edgeFailureOf(error), nodeFailureOf(error, "HTTP/2"));
    }
  }

  /** What the origin never said is not said for it: no `deadline_exceeded` here. */
  #expire(): void {
    if (this.#isOver) return;
    const session = this.#session;
    if (this.#response.headersSent) this.#cut();
    else if (session?.connecting === true) this.#fail(UNREACHED, NO_CONNECTION);
    else this.#fail(UNANSWERED, NO_ANSWER);
    if (session !== undefined) this.#upstream.check(session);
  }

  /** Answers as the edge would; `cause` is what this side knows better. */
  #fail({ status, code }: EdgeFailure, cause: Failure): void {
    this.#upstream.failed(cause);
    this.#refuse(status, `error code: ${code}`, {});
  }

  #refuse(status: number, text: string, headers: Record<string, string>): void {
    this.#response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" });
    this.#response.write(text);
    this.#finish();
  }

  #finish(): void {
    this.#response.end();
    this.#stop();
  }

  /** Ends the answer so that it cannot be mistaken for a whole one, after what was written of it. */
  #cut(): void {
    this.#response.socket?.destroySoon();
    this.#stop();
  }

  #stop(): void {
    this.#isOver = true;
    const stream = this.#stream;
    stream?.unpipe();
    if (stream?.writableEnded === false || stream?.readableEnded === false) this.#cancel.abort();
    // An answer may be whole before its request is; what is left of that is read and dropped.
    this.#request.resume();
  }
}
