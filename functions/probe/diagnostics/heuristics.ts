import type { ResourceValues } from "../../../proto/gen/zako/diagnostics/v1/host_pb.ts";
import type { PoolSettings } from "../../../proto/gen/zako/diagnostics/v1/worker_pb.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Input of the heuristics; both above 0. */
export interface HostFacts {
  readonly memoryBytes: number;
  readonly cpuCores: number;
}

/** A setting that Zako derives from its host: the label `value`, what is right, and where it stands in an answer. */
interface Heuristic {
  readonly value: string;
  /** Correct values; several if Zako's documentation and code differ. */
  right(facts: HostFacts, values: ResourceValues): readonly number[];
  /** In the unit that `value` ends with; NaN if the answer omits it. */
  read(values: ResourceValues): number;
}

/** Maximum of V8 workers: documented as half the cores, but the code clamps that to one. Both are accepted. */
const v8Workers = ({ cpuCores }: HostFacts): readonly number[] => [1, Math.max(1, Math.floor(cpuCores / 2))];

/**
 * Zako's rules, from its resource heuristics (public repository, a28278f) and its documentation. For example, the memory
 * cache takes 10 % of the memory, between 4 MiB and 4 GiB.
 */
const HEURISTICS: readonly Heuristic[] = [
  {
    value: "cas_cache_capacity_bytes",
    right: ({ memoryBytes }) => [Math.min(4 * GIB, Math.max(4 * MIB, Math.floor(memoryBytes / 10)))],
    read: (values) => Number(values.casCacheCapacityBytes),
  },
  constant("cas_cache_ttl_seconds", 30 * 60, (values) => Number(values.casCacheTtlMillis) / 1_000),
  constant("cas_cache_tti_seconds", 5 * 60, (values) => Number(values.casCacheTtiMillis) / 1_000),
  constant("thread_stack_bytes", 4 * MIB, (values) => Number(values.threadStackBytes)),
  ...poolRules(
    "oxc",
    (values) => values.oxcPool,
    () => [1],
  ),
  ...poolRules("v8", (values) => values.v8Pool, v8Workers),
  { value: "cpu_slots", right: ({ cpuCores }) => [cpuCores], read: (values) => values.cpuSlots },
  { value: "memory_bytes", right: ({ memoryBytes }) => [memoryBytes], read: (values) => Number(values.memoryBytes) },
  {
    value: "disk_io_slots",
    right: ({ cpuCores }) => [Math.max(4, 2 * cpuCores)],
    read: (values) => values.diskIoSlots,
  },
  {
    value: "network_slots",
    right: ({ cpuCores }) => [Math.max(8, 4 * cpuCores)],
    read: (values) => values.networkSlots,
  },
];

function constant(value: string, right: number, read: Heuristic["read"]): Heuristic {
  return { value, right: () => [right], read };
}

function poolRules(
  name: string,
  of: (values: ResourceValues) => PoolSettings | undefined,
  mostWorkers: (facts: HostFacts) => readonly number[],
): Heuristic[] {
  const read = (one: (settings: PoolSettings) => number) => (values: ResourceValues) => {
    const settings = of(values);
    return settings === undefined ? Number.NaN : one(settings);
  };
  return [
    constant(
      `${name}_min_workers`,
      1,
      read((settings) => settings.minWorkers),
    ),
    { value: `${name}_max_workers`, right: mostWorkers, read: read((settings) => settings.maxWorkers) },
    constant(
      `${name}_idle_timeout_seconds`,
      60,
      read((settings) => Number(settings.idleTimeoutMillis) / 1_000),
    ),
    {
      value: `${name}_queue_capacity`,
      // Derived from the reported number of workers: a wrong number of them is one deviation, not two.
      right: (_, values) => [2 * (of(values)?.maxWorkers ?? 0)],
      read: read((settings) => settings.queueCapacity),
    },
  ];
}

/** Relative distance to the nearest value that is right, 0 where it is one of them; 1 where there is no value. */
function deviation(value: number, right: readonly number[]): number {
  if (Number.isNaN(value)) return 1;
  return Math.min(...right.map((one) => Math.abs(value - one) / Math.max(Math.abs(one), 1)));
}

/** How much one setting deviates. */
export interface Deviation {
  readonly value: string;
  /** Deviation of the derived value from the rule. */
  readonly derived: number;
  /** Deviation of the effective value from the derived one. */
  readonly effective: number;
}

/** Compares what a server derived, and what is in effect, with the rules. */
export function deviations(facts: HostFacts, derived: ResourceValues, effective: ResourceValues): Deviation[] {
  return HEURISTICS.map(({ value, right, read }) => ({
    value,
    derived: deviation(read(derived), right(facts, derived)),
    effective: Number.isNaN(read(derived)) ? 0 : deviation(read(effective), [read(derived)]),
  }));
}
