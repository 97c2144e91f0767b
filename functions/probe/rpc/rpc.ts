import type {
  DescMessage,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { Deadline } from "../../lib/deadline.ts";
import type { Failure } from "../../model/probing/failure.ts";
import { RunClock } from "../run-clock.ts";
import { discardBody, HEAD_WAIT_MS, readBody } from "./rpc-body.ts";
import { type Decoder, ErrorAnswer, FramedAnswer, UnaryAnswer } from "./rpc-decoder.ts";
import { judgeHead, judgeNoHeaders } from "./rpc-head.ts";
import { type Endpoint, encodeRequests, type Method, type Route, requestHeaders, routeOf } from "./rpc-route.ts";

export type { Endpoint } from "./rpc-route.ts";

/** Largest answer by default: ours are tiny, and 64 KiB of hostile protobuf decode to a few MB of objects at most. */
const defaultMaxBytes = 64 * 1024;

/** Most messages in one answer by default. */
const defaultMaxMessages = 10_000;

/** Error bodies are read up to this size: enough for any honest error, too little for a hostile one to do harm. */
const maxErrorBytes = 64 * 1024;

/** What one call needs besides its messages. */
export interface CallOptions {
  readonly deadline: Deadline;
  /** W3C trace context, made by `traceparent()`. */
  readonly traceparent?: string;
  /** Further request headers with lower-case names, such as the one that carries a token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the call may be retried once if the connection is lost before headers. Default false; never true for uploads. */
  readonly idempotent?: boolean;
  /** Maximum body bytes that are read, framing included; default `defaultMaxBytes`. */
  readonly maxBytes?: number;
  /** Default `defaultMaxMessages`. */
  readonly maxMessages?: number;
  /** Longest wait for a body once the headers have said all; default `HEAD_WAIT_MS`. */
  readonly headWaitMs?: number;
  /** Replaces the platform's fetch. */
  readonly fetch?: typeof fetch;
  /** Of the run that calls; default: one of the call's own. */
  readonly clock?: RunClock;
}

/**
 * Measurements of one call, whatever its result. Times are in ms since its last attempt was sent, without the time that
 * decoding took; null if it did not get that far.
 */
export interface Observation {
  httpStatus: number | null;
  headersMs: number | null;
  firstMessageMs: number | null;
  totalMs: number;
  /** Time spent waiting for bytes of the body while a read was pending. */
  stallMs: number;
  /** Body bytes read, framing included. */
  bytesIn: number;
  /** Body bytes sent, framing included. */
  bytesOut: number;
  /** Messages received. */
  messages: number;
  /** Retries after a connection was lost before headers: 0 or 1. */
  retries: number;
}

/** Result of a call with one answer message. */
export type Answer<O extends DescMessage> =
  | { readonly ok: true; readonly message: MessageShape<O>; readonly observation: Observation }
  | { readonly ok: false; readonly failure: Failure; readonly observation: Observation };

/** Result of a call whose messages went to a sink. */
export type StreamAnswer =
  | { readonly ok: true; readonly observation: Observation }
  | { readonly ok: false; readonly failure: Failure; readonly observation: Observation };

/**
 * Calls a method that answers with one message (unary or client stream). Every expected failure is in the answer; the
 * promise rejects only for a bug, such as a request that cannot be encoded.
 */
export async function call<I extends DescMessage, O extends DescMessage>(
  endpoint: Endpoint,
  method: DescMethodUnary<I, O> | DescMethodClientStreaming<I, O>,
  requests: readonly MessageInitShape<I>[],
  options: CallOptions,
): Promise<Answer<O>> {
  let message: MessageShape<O> | undefined;
  const { failure: failed, observation } = await exchange<I, O>(endpoint, method, requests, options, (received) => {
    message = received;
  });
  if (failed !== null) return { ok: false, failure: failed, observation };
  if (message === undefined) throw new Error("Cannot answer a call: it succeeded without a message");
  return { ok: true, message, observation };
}

/**
 * Calls a method that answers with a stream (server stream or half-duplex bidi: all requests are sent before the first
 * answer is read). Each message goes to `onMessage` when it arrives and is not kept. If `onMessage` throws, the body is
 * cancelled and the promise rejects; expected failures are in the answer.
 */
export async function stream<I extends DescMessage, O extends DescMessage>(
  endpoint: Endpoint,
  method: DescMethodServerStreaming<I, O> | DescMethodBiDiStreaming<I, O>,
  requests: readonly MessageInitShape<I>[],
  onMessage: (message: MessageShape<O>) => void,
  options: CallOptions,
): Promise<StreamAnswer> {
  const { failure: failed, observation } = await exchange<I, O>(endpoint, method, requests, options, onMessage);
  return failed === null ? { ok: true, observation } : { ok: false, failure: failed, observation };
}

interface Exchange {
  readonly failure: Failure | null;
  readonly observation: Observation;
}

async function exchange<I extends DescMessage, O extends DescMessage>(
  endpoint: Endpoint,
  method: Method<I, O>,
  requests: readonly MessageInitShape<I>[],
  options: CallOptions,
  onMessage: (message: MessageShape<O>) => void,
): Promise<Exchange> {
  const { clock = new RunClock() } = options;
  const { signal } = options.deadline;
  const route = routeOf(endpoint, method);
  const body = encodeRequests(route, method, requests);
  // Whoever sends many bytes has made them, and hashed them.
  clock.worked(body.byteLength);
  if (clock.isBehind) await clock.catchUp();
  const observation = nothingSeen(body.byteLength);
  const response = await sendOnceOrTwice(route, body, options, clock, observation);
  if (!(response instanceof Response)) return { failure: response, observation };
  observation.httpStatus = response.status;

  const receive = (message: MessageShape<O>): void => {
    observation.messages += 1;
    observation.firstMessageMs ??= waitedMs(observation);
    onMessage(message);
  };
  const finish = (failed: Failure | null): Exchange => {
    observation.totalMs = waitedMs(observation);
    return { failure: failed, observation };
  };
  const head = judgeHead(route, response);
  if (head.kind === "failed") {
    await discardBody(response, signal);
    return finish(head.failure);
  }
  const maxBytes = head.kind === "error" ? maxErrorBytes : (options.maxBytes ?? defaultMaxBytes);
  let decoder: Decoder;
  if (head.kind === "error") decoder = new ErrorAnswer(route, response);
  else if (route.framed) {
    const maxMessages = options.maxMessages ?? defaultMaxMessages;
    const { stated, unreadable } = head;
    decoder = new FramedAnswer(route, method, { maxBytes, maxMessages, stated, unreadable }, receive);
  } else decoder = new UnaryAnswer(method, receive);
  const { headWaitMs = HEAD_WAIT_MS } = options;
  const reads = { maxBytes, whole: route.single, signal, headWaitMs, clock, seen: observation };
  return finish(await readBody(response, decoder, reads));
}

/** Time that a call has waited for its answer so far, ms. */
const waitedMs = ({ headersMs, stallMs }: Observation): number => (headersMs ?? 0) + stallMs;

const nothingSeen = (bytesOut: number): Observation => ({
  httpStatus: null,
  headersMs: null,
  firstMessageMs: null,
  totalMs: 0,
  stallMs: 0,
  bytesIn: 0,
  bytesOut,
  messages: 0,
  retries: 0,
});

/**
 * Sends until there are headers, or a failure. What no server has seen, and may be asked twice, is sent once more; only the
 * last attempt is timed.
 */
async function sendOnceOrTwice(
  route: Route,
  body: Uint8Array<ArrayBuffer>,
  options: CallOptions,
  clock: RunClock,
  observation: Observation,
): Promise<Response | Failure> {
  const send = options.fetch ?? globalThis.fetch;
  const { signal, at } = options.deadline;
  for (;;) {
    const sentAt = clock.now();
    try {
      const headers = requestHeaders(route, options, at - sentAt);
      const response = await send(route.url, { ...route.init, headers, body, signal });
      observation.headersMs = clock.ioEnded() - sentAt;
      return response;
    } catch (error) {
      observation.totalMs = clock.ioEnded() - sentAt;
      const failed = judgeNoHeaders(route, error, signal, () => {
        new Request(route.url, { ...route.init, headers: requestHeaders(route, options, at - sentAt), body });
      });
      const again = failed.reason === "connect" && options.idempotent === true && observation.retries === 0;
      if (!again) return failed;
      observation.retries = 1;
    }
  }
}
