import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ResourceValuesSchema } from "../../../proto/gen/zako/diagnostics/v1/host_pb.ts";

/** What a host is. */
export interface Host {
  readonly memoryBytes: number;
  readonly cores: number;
}

const mebibytes = (count: number): bigint => BigInt(count) << 20n;
const within = (value: bigint, least: bigint, most: bigint): bigint =>
  value < least ? least : value > most ? most : value;

/** The settings that Zako derives from its host, by the rules of the public server: V8 workers are clamped to one. */
export function derive({ memoryBytes, cores }: Host): MessageInitShape<typeof ResourceValuesSchema> {
  const memory = BigInt(memoryBytes);
  const pool = (maxWorkers: number) => ({
    minWorkers: 1,
    maxWorkers,
    idleTimeoutMillis: 60_000n,
    queueCapacity: 2 * maxWorkers,
  });
  return {
    casCacheCapacityBytes: within(memory / 10n, mebibytes(4), mebibytes(4_096)),
    casCacheTtlMillis: 1_800_000n,
    casCacheTtiMillis: 300_000n,
    threadStackBytes: mebibytes(4),
    oxcPool: pool(1),
    v8Pool: pool(1),
    cpuSlots: cores,
    memoryBytes: memory,
    diskIoSlots: cores < 2 ? 4 : 2 * cores,
    networkSlots: cores < 2 ? 8 : 4 * cores,
  };
}
