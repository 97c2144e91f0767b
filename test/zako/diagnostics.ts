import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type { DiagnosticsService } from "../../proto/gen/zako/diagnostics/v1/diagnostics_pb.ts";
import { Pool, type PoolState } from "../../proto/gen/zako/diagnostics/v1/worker_pb.ts";
import { type Call, callOf } from "./call.ts";
import { type DescribeOptions, describeHost } from "./describe-host.ts";
import { exceptionCounts, readContext } from "./inside/context.ts";
import { settingsOf } from "./inside/inside.ts";
import type { PoolSnapshot, WorkerPool } from "./inside/worker-pool.ts";

export interface DiagnosticsOptions extends DescribeOptions {
  /** Whether the service is there at all. */
  readonly offersDiagnostics: boolean;
}

/** The contract's limits. */
const DEFAULT_WAIT_MS = 1_000;
const MAX_WAIT_MS = 10_000;
const MAX_GARBAGE_BYTES = 2 ** 20;
const MAX_INPUT = 65_535;

/** The module that is built in: what `RunModule` says it computes. */
const BUILT_IN = "(input) => input * input + 1";

/** What goes on inside, asked from outside. */
export function createDiagnostics(options: DiagnosticsOptions): ServiceImpl<typeof DiagnosticsService> {
  const { inside } = options;
  const admit = (context: HandlerContext): Call => {
    const call = callOf(context.values);
    if (call.decide("offersDiagnostics", options.offersDiagnostics)) return call;
    throw new ConnectError("this server has no diagnostics service", Code.Unimplemented);
  };
  const poolOf = (pool: Pool): WorkerPool => {
    if (pool === Pool.OXC) return inside.pools.oxc;
    if (pool === Pool.V8) return inside.pools.v8;
    throw invalid("there is no such pool");
  };
  return {
    async submitTask({ pool, maxWaitMillis }, context) {
      const stuck = !admit(context).decide("givesThreads", true);
      const maxWaitMs = Math.min(maxWaitMillis === 0 ? DEFAULT_WAIT_MS : maxWaitMillis, MAX_WAIT_MS);
      const of = poolOf(pool);
      const done = await of.submit({ kind: "task" }, { maxWaitMs, stuck, signal: context.signal });
      return {
        pool,
        ran: done.ran,
        queueWaitNanos: done.waitNanos,
        runNanos: done.ran ? done.result.runNanos : 0n,
        state: stateOf(of, done.before),
      };
    },

    async broadcastGc({ pool, garbageBytes }, context) {
      const how = admit(context).decide("collection", { delayMs: 0, leaks: false });
      if (garbageBytes > MAX_GARBAGE_BYTES) throw invalid(`garbage_bytes is at most ${MAX_GARBAGE_BYTES}`);
      const of = poolOf(pool);
      const { threads, durationNanos } = await within(
        of.broadcast({ kind: "gc", garbageBytes, ...how }),
        context.signal,
      );
      return {
        pool,
        threads: threads.map(({ beforeBytes, afterBytes, ...one }) => ({
          ...one,
          beforeBytes: BigInt(beforeBytes),
          afterBytes: BigInt(afterBytes),
        })),
        durationNanos,
        state: stateOf(of, of.snapshot()),
      };
    },

    async runModule({ input }, context) {
      const call = admit(context);
      if (input > MAX_INPUT) throw invalid(`input is at most ${MAX_INPUT}`);
      const order = { kind: "module", source: BUILT_IN, input } as const;
      const done = await inside.pools.v8.submit(order, { signal: context.signal });
      if (!done.ran) throw new ConnectError("no thread took the module", Code.DeadlineExceeded);
      const { value, exceptions, ...times } = done.result;
      inside.countExceptions(exceptions);
      if (value === undefined) throw new ConnectError("the built-in module has failed", Code.Internal);
      return { value: call.decide("moduleValue", BigInt(value)), ...times };
    },

    async injectContext({ contextJson }, context) {
      const bent = admit(context).decide("conversion", {});
      const order = { kind: "context", json: readContext(contextJson), bent } as const;
      const done = await inside.pools.v8.submit(order, { signal: context.signal });
      if (!done.ran) throw new ConnectError("no thread took the context", Code.DeadlineExceeded);
      const { json, conversionNanos, exceptions } = done.result;
      inside.countExceptions(exceptions);
      return {
        converted: json !== undefined,
        contextJson: json ?? "",
        conversionNanos,
        exceptions: exceptionCounts(exceptions),
        exceptionsTotal: exceptionCounts(inside.exceptions),
        sinceUnixMillis: BigInt(inside.meter.read().since),
      };
    },

    async describeHost(_, context) {
      const call = admit(context);
      return call.decide("host", await describeHost(options));
    },
  };
}

const invalid = (message: string): ConnectError => new ConnectError(message, Code.InvalidArgument);

function stateOf({ options }: WorkerPool, now: PoolSnapshot): Omit<PoolState, "$typeName"> {
  return {
    settings: settingsOf(options),
    activeThreads: now.activeThreads,
    busyThreads: now.busyThreads,
    queueLength: now.queueLength,
    idleTimeoutsTotal: BigInt(now.idleTimeouts),
    gcRunsTotal: BigInt(now.gcRuns),
    gcTimeNanosTotal: now.gcNanos,
    sinceUnixMillis: BigInt(now.since),
  };
}

/** A broadcast cannot be taken back, but nobody has to wait for it any longer than the call may take. */
function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", onAbort));
}
