import { type Failure, failure } from "../../model/probing/failure.ts";
import type { Look, TargetMemory } from "../../model/probing/memory.ts";

/**
 * Finds out more about an origin than the failure of a call tells. `fetch` says of a lost connection only that it was lost,
 * whatever the server speaks.
 */
export interface SecondLook {
  /**
   * Least time between two looks at an origin, ms. For as long it is remembered whether the server takes only HTTP/2. 0: each
   * run looks anew.
   */
  readonly everyMs: number;
  /** Whether a look can tell more than this failure does. */
  concerns(failure: Failure): boolean;
  /** The failure in true words; null if there is nothing to add. Rejects never, and ends with the signal. */
  ask(origin: string, signal: AbortSignal): Promise<Failure | null>;
}

/** What a look finds of a server that takes HTTP/2 alone, where calls go over HTTP/1.1. */
export const HTTP2_ONLY: Failure = failure("grpc_only", true, {
  message: "the server takes only HTTP/2, as native gRPC does; it closes calls over HTTP/1.1",
  hint: "set protocol to grpc, or put a gRPC-Web or Connect front end before the server",
});

/** What explaining the failures of one run needs. */
export interface ExplainContext {
  readonly look: SecondLook;
  readonly memory: TargetMemory;
  /** Called with what a look found, so that the next runs need none. */
  readonly onLook: (origin: string, found: Look) => void;
  readonly signal: AbortSignal;
  /** Epoch ms. */
  readonly now: () => number;
  /** Calls reach the server over HTTP/2, so that it is no finding that it takes nothing else. */
  readonly takesHttp2: boolean;
}

/**
 * Explains failures of calls to an origin: looks at most once a run, and not before `everyMs` after the look that the memory
 * knows of.
 */
export function explainer(context: ExplainContext): (origin: string, failure: Failure) => Promise<Failure> {
  const { look, memory, onLook, signal, now, takesHttp2 } = context;
  const asked = new Map<string, Promise<Failure | null>>();
  const first = async (origin: string): Promise<Failure | null> => {
    const known = memory.looks?.[origin];
    const at = now();
    // A time in the future is a clock that was wrong.
    if (known !== undefined && at >= known.at && at - known.at < look.everyMs)
      return known.isHttp2Only ? HTTP2_ONLY : null;
    const found = await look.ask(origin, signal);
    if (look.everyMs > 0) onLook(origin, { at, isHttp2Only: found?.reason === HTTP2_ONLY.reason });
    return found;
  };
  return async (origin, failure) => {
    if (!look.concerns(failure) || signal.aborted) return failure;
    let finding = asked.get(origin);
    if (finding === undefined) {
      finding = first(origin);
      asked.set(origin, finding);
    }
    const found = await finding;
    return found === null || (takesHttp2 && found.reason === HTTP2_ONLY.reason) ? failure : found;
  };
}
