import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  ExceptionKind,
  InjectContextRequestSchema,
  InjectContextResponseSchema,
  RunModuleRequestSchema,
  RunModuleResponseSchema,
} from "../../proto/gen/zako/diagnostics/v1/engine_pb.ts";
import { DescribeHostResponseSchema } from "../../proto/gen/zako/diagnostics/v1/host_pb.ts";
import {
  BroadcastGcRequestSchema,
  BroadcastGcResponseSchema,
  SubmitTaskRequestSchema,
  SubmitTaskResponseSchema,
} from "../../proto/gen/zako/diagnostics/v1/worker_pb.ts";

const GIB = 2n ** 30n;
const POOL = { minWorkers: 1, maxWorkers: 1, idleTimeoutMillis: 60_000n, queueCapacity: 2 };
const STATE = { settings: POOL, activeThreads: 1, idleTimeoutsTotal: 3n, sinceUnixMillis: 1_000_000n };
/** Of a host of 8 GiB and 4 cores. */
const VALUES = {
  casCacheCapacityBytes: (8n * GIB) / 10n,
  casCacheTtlMillis: 1_800_000n,
  casCacheTtiMillis: 300_000n,
  threadStackBytes: 2n ** 22n,
  oxcPool: POOL,
  v8Pool: POOL,
  cpuSlots: 4,
  memoryBytes: 8n * GIB,
  diskIoSlots: 8,
  networkSlots: 16,
};

/** Answers of an honest diagnostics service, by method: the request's bytes in, the answer's out. */
export const INSIDE: Readonly<Record<string, (request: Uint8Array) => Uint8Array>> = {
  SubmitTask(request) {
    const { pool } = fromBinary(SubmitTaskRequestSchema, request);
    return written(SubmitTaskResponseSchema, { pool, ran: true, queueWaitNanos: 9n, runNanos: 99n, state: STATE });
  },
  BroadcastGc(request) {
    const { pool, garbageBytes } = fromBinary(BroadcastGcRequestSchema, request);
    const thread = { thread: 1, beforeBytes: BigInt(garbageBytes) + 5n, afterBytes: 5n, durationNanos: 70n };
    return written(BroadcastGcResponseSchema, { pool, threads: [thread], durationNanos: 77n, state: STATE });
  },
  RunModule(request) {
    const { input } = fromBinary(RunModuleRequestSchema, request);
    return written(RunModuleResponseSchema, { value: BigInt(input) ** 2n + 1n, loadNanos: 5n, executionNanos: 6n });
  },
  InjectContext(request) {
    const { contextJson } = fromBinary(InjectContextRequestSchema, request);
    const exceptionsTotal = [{ kind: ExceptionKind.TYPE_ERROR, count: 8n }];
    return written(InjectContextResponseSchema, { converted: true, contextJson, exceptionsTotal, sinceUnixMillis: 1n });
  },
  DescribeHost: () =>
    written(DescribeHostResponseSchema, {
      host: { memoryBytes: 8n * GIB, cpuCores: 4 },
      derived: VALUES,
      effective: VALUES,
      cas: { connections: 1, tokensHeld: 7n, cacheHitsTotal: 3n, cacheMissesTotal: 1n, directoryBytes: GIB },
      disk: { freeBytes: 20n * GIB, totalBytes: 40n * GIB },
      process: { residentMemoryBytes: GIB, cpuTimeNanosTotal: 10n, contextSwitchesTotal: 4n },
      sinceUnixMillis: 1_000_000n,
    }),
};

function written<M extends DescMessage>(schema: M, message: MessageInitShape<M>): Uint8Array {
  return toBinary(schema, create(schema, message));
}
