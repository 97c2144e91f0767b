import { createContextKey } from "@connectrpc/connect";
import type { Decisions } from "./decisions.ts";

/** The RPCs of a Zako, as faults and counters name them. */
export const methodNames = [
  "cas.NegotiateBlobs",
  "cas.GetTransportDetails",
  "transport.Download",
  "transport.Upload",
  "health.Check",
  "health.Watch",
  "diagnostics.SubmitTask",
  "diagnostics.BroadcastGc",
  "diagnostics.RunModule",
  "diagnostics.InjectContext",
  "diagnostics.DescribeHost",
] as const;
export type MethodName = (typeof methodNames)[number];

/** How an answer looks on the wire; Connect has one shape for unary calls and one, framed, for streams. */
export const shapes = ["connect", "connect-stream", "grpc-web", "grpc"] as const;
export type Shape = (typeof shapes)[number];

/** One RPC in flight, as the services and the faults see it. */
export interface Call {
  readonly method: MethodName;
  readonly shape: Shape;
  /** Major version of HTTP. */
  readonly http: 1 | 2;
  /** Request headers, names in lower case. */
  readonly headers: Headers;
  /** Aborted when the connection is gone: the client has left, or the server closes. */
  readonly signal: AbortSignal;
  /** What the server decides, after the faults of this call have bent what an honest server would. */
  decide<K extends keyof Decisions>(decision: K, honest: Decisions[K]): Decisions[K];
  /** Cuts the client's TCP connection with a RST. */
  reset(): void;
  /** Writes bytes past HTTP (HTTP/1.1 only); resolves when the kernel wants more, false when the client has left. */
  raw(bytes: string | Uint8Array): Promise<boolean>;
  /** Closes the client's TCP connection. */
  hangUp(): void;
}

/** Under this key the services find their call. */
export const callKey = createContextKey<Call | undefined>(undefined, { description: "the call in flight" });

/** The call that a handler or an interceptor works for. */
export function callOf(values: { get<T>(key: { id: symbol; defaultValue: T }): T }): Call {
  const call = values.get(callKey);
  if (call === undefined) throw new Error("a handler ran without its call");
  return call;
}

/** Waits, but no longer than the call lives. */
export function pause(call: Call, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (call.signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      call.signal.removeEventListener("abort", done);
      resolve();
    };
    // Node fires timers above 2^31 - 1 ms at once.
    const timer = setTimeout(done, Math.min(ms, 2_147_483_647));
    call.signal.addEventListener("abort", done);
  });
}

/** Waits until the client has left or the server closes. */
export function forever(call: Call): Promise<void> {
  return pause(call, Number.POSITIVE_INFINITY);
}
