import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { Deadline } from "../../lib/deadline.ts";
import type { Semaphore } from "../../lib/semaphore.ts";
import type { Failure } from "../../model/probing/failure.ts";
import type { RunClock } from "../run-clock.ts";
import { type Answer, call, type Endpoint, type StreamAnswer, stream } from "./rpc.ts";
import { traceparent } from "./traceparent.ts";

/** Options of a single call; the rest comes from the run. */
export interface Ask {
  /** Further request headers with lower-case names; they replace the endpoint's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Maximum body bytes that are read, framing included. */
  readonly maxBytes?: number;
  readonly maxMessages?: number;
}

/** Calls one origin of a target for one run. Expected failures are in the answers. */
export interface Client {
  /** Calls a method that answers with one message. */
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O> | DescMethodClientStreaming<I, O>,
    requests: readonly MessageInitShape<I>[],
    ask?: Ask,
  ): Promise<Answer<O>>;
  /** Calls a method that answers with a stream. Messages go to `onMessage` and are not kept. */
  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O> | DescMethodBiDiStreaming<I, O>,
    requests: readonly MessageInitShape<I>[],
    onMessage: (message: MessageShape<O>) => void,
    ask?: Ask,
  ): Promise<StreamAnswer>;
}

/** Shared by all calls of a run. */
export interface ClientContext {
  readonly deadline: Deadline;
  readonly traceId: string;
  readonly clock: RunClock;
  /** Admits one call at a time: a run has one connection. */
  readonly line: Semaphore;
  /** Replaces the platform's fetch. */
  readonly fetch: typeof fetch | undefined;
  /** Says more of a failure to reach an origin, where more can be found out; else returns it as it is. */
  readonly explain?: ((origin: string, failure: Failure) => Promise<Failure>) | undefined;
  /** Called after every call. */
  readonly onCall: (method: DescMethod, answer: StreamAnswer) => void;
}

/** A client of one endpoint. Calls are treated as idempotent and may be retried, except uploads, which are sent once. */
export function clientOf(endpoint: Endpoint, context: ClientContext): Client {
  return {
    async call(method, requests, ask) {
      const answer = await context.line.run(async () =>
        withCause(endpoint, context, await call(endpoint, method, requests, optionsOf(context, method, ask))),
      );
      context.onCall(method, answer);
      return answer;
    },
    async stream(method, requests, onMessage, ask) {
      const answer = await context.line.run(async () =>
        withCause(
          endpoint,
          context,
          await stream(endpoint, method, requests, onMessage, optionsOf(context, method, ask)),
        ),
      );
      context.onCall(method, answer);
      return answer;
    },
  };
}

const optionsOf = (context: ClientContext, method: DescMethod, ask: Ask | undefined) => ({
  deadline: context.deadline,
  traceparent: traceparent(context.traceId),
  clock: context.clock,
  idempotent: method.methodKind !== "client_streaming",
  ...(context.fetch === undefined ? {} : { fetch: context.fetch }),
  ...ask,
});

async function withCause<A extends Answer<DescMessage> | StreamAnswer>(
  { baseUrl }: Endpoint,
  { explain }: ClientContext,
  answer: A,
): Promise<A> {
  if (answer.ok || explain === undefined) return answer;
  return { ...answer, failure: await explain(new URL(baseUrl).origin, answer.failure) };
}
