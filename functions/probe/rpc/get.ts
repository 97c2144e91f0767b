import type { Deadline } from "../../lib/deadline.ts";
import { version } from "../../lib/version.ts";
import { type Failure, failure } from "../../model/probing/failure.ts";
import type { RunClock } from "../run-clock.ts";
import { discardBody, HEAD_WAIT_MS, readBody } from "./rpc-body.ts";
import type { Decoder } from "./rpc-decoder.ts";
import { judgeEdge, judgeNoHeaders, redirected } from "./rpc-head.ts";
import { TextBody } from "./text-body.ts";

/** A GET request. */
export interface Get {
  /** Accepted media types, as in the `accept` header. */
  readonly accept: string;
  /** Maximum decompressed body bytes that are read. */
  readonly maxBytes: number;
  /** Receives the body of a successful answer in chunks; a chunk must be read at once. */
  readonly take: (piece: Uint8Array) => void;
}

/** The result. The body of a successful answer is complete as far as HTTP can tell. */
export type Got = { ok: true; contentType: string; bytes: number } | { ok: false; failure: Failure };

/** What a request shares with its run. */
export interface GetContext {
  readonly url: string;
  /** With lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly deadline: Deadline;
  readonly traceparent: string;
  readonly clock: RunClock;
  readonly fetch: typeof fetch | undefined;
  readonly onRetry: () => void;
}

/** Error bodies are read up to this size: those of an edge are short. */
const MAX_ERROR_BYTES = 4_096;

/** The platform does not convert GET requests, so a request that cannot be made is not a refusal to convert. */
const PLAIN = { protocol: "connect", kind: "unary" } as const;

/**
 * Fetches a page. Redirects are not followed, the body is read up to a limit or cancelled, and a connection lost before the
 * answer is retried once. Never rejects because of a server's behaviour.
 */
export async function get(ask: Get, context: GetContext): Promise<Got> {
  const { url, deadline, clock } = context;
  const { signal } = deadline;
  const send = context.fetch ?? globalThis.fetch;
  const headers = {
    ...context.headers,
    accept: ask.accept,
    "accept-encoding": "gzip",
    "user-agent": `zako-watch/${version}`,
    traceparent: context.traceparent,
  };
  let response: Response;
  for (let isAgain = false; ; isAgain = true) {
    try {
      response = await send(url, { headers, redirect: "manual", signal });
      clock.ioEnded();
      break;
    } catch (error) {
      clock.ioEnded();
      const failed = judgeNoHeaders(PLAIN, error, signal, () => {
        new Request(url, { headers, redirect: "manual" });
      });
      if (failed.reason !== "connect" || isAgain) return { ok: false, failure: failed };
      context.onRetry();
    }
  }
  const { status } = response;
  if (status >= 300 && status < 400) {
    await discardBody(response, signal);
    return { ok: false, failure: redirected(response.headers) };
  }
  const isGood = status === 200;
  const seen = { stallMs: 0, bytesIn: 0 };
  const error = new TextBody(true);
  const decoder = isGood ? new Pieces(ask.take) : error;
  const maxBytes = isGood ? ask.maxBytes : MAX_ERROR_BYTES;
  const failed = await readBody(response, decoder, {
    maxBytes,
    whole: false,
    signal,
    headWaitMs: HEAD_WAIT_MS,
    clock,
    seen,
  });
  if (failed !== null) return { ok: false, failure: failed };
  if (!isGood) return { ok: false, failure: judgeStatus(response, error.text) };
  return { ok: true, contentType: mediaTypeOf(response), bytes: seen.bytesIn };
}

const mediaTypeOf = ({ headers }: Response): string =>
  (headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";

function judgeStatus({ status, headers }: Response, body: string): Failure {
  const edge = judgeEdge(status, headers, body);
  if (edge !== null) return edge;
  const hint =
    status === 401 || status === 403
      ? "the endpoint requires credentials: check the keys `auth`, `headers` and `basic_auth`"
      : status === 404
        ? "check the key `url`: nothing is served there"
        : undefined;
  const message = `answered HTTP ${status}`;
  return failure("http_status", true, { message, httpStatus: status, ...(hint === undefined ? {} : { hint }) });
}

/** Passes a body on. */
class Pieces implements Decoder {
  readonly judgesParts = false;
  readonly headSaysAll = false;
  readonly #take: (piece: Uint8Array) => void;

  constructor(take: (piece: Uint8Array) => void) {
    this.#take = take;
  }

  take(piece: Uint8Array): null {
    this.#take(piece);
    return null;
  }

  end(): null {
    return null;
  }
}
