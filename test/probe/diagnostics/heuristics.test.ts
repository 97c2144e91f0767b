import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deviations, type HostFacts } from "../../../functions/probe/diagnostics/heuristics.ts";
import { type ResourceValues, ResourceValuesSchema } from "../../../proto/gen/zako/diagnostics/v1/host_pb.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** What the public server derives, written down by hand for hosts of all sizes. */
const HOSTS: readonly [string, HostFacts, MessageInitShape<typeof ResourceValuesSchema>][] = [
  ["8 GiB, 4 cores", host(8 * GIB, 4), { casCacheCapacityBytes: 858_993_459n, diskIoSlots: 8, networkSlots: 16 }],
  ["16 MiB, 1 core", host(16 * MIB, 1), { casCacheCapacityBytes: 4_194_304n, diskIoSlots: 4, networkSlots: 8 }],
  ["40 MiB, 2 cores", host(40 * MIB, 2), { casCacheCapacityBytes: 4_194_304n, diskIoSlots: 4, networkSlots: 8 }],
  ["41 MiB, 3 cores", host(41 * MIB, 3), { casCacheCapacityBytes: 4_299_161n, diskIoSlots: 6, networkSlots: 12 }],
  [
    "40 GiB, 16 cores",
    host(40 * GIB, 16),
    { casCacheCapacityBytes: 4_294_967_296n, diskIoSlots: 32, networkSlots: 64 },
  ],
  [
    "1 TiB, 128 cores",
    host(1024 * GIB, 128),
    { casCacheCapacityBytes: 4_294_967_296n, diskIoSlots: 256, networkSlots: 512 },
  ],
];

function host(memoryBytes: number, cpuCores: number): HostFacts {
  return { memoryBytes, cpuCores };
}

const POOL = { minWorkers: 1, maxWorkers: 1, idleTimeoutMillis: 60_000n, queueCapacity: 2 };

/** Settings that are right for a host, but for what is said. */
function settings(facts: HostFacts, own: MessageInitShape<typeof ResourceValuesSchema> = {}): ResourceValues {
  const right = {
    casCacheCapacityBytes: BigInt(Math.min(4 * GIB, Math.max(4 * MIB, Math.floor(facts.memoryBytes / 10)))),
    casCacheTtlMillis: 1_800_000n,
    casCacheTtiMillis: 300_000n,
    threadStackBytes: 4_194_304n,
    oxcPool: POOL,
    v8Pool: POOL,
    cpuSlots: facts.cpuCores,
    memoryBytes: BigInt(facts.memoryBytes),
    diskIoSlots: Math.max(4, 2 * facts.cpuCores),
    networkSlots: Math.max(8, 4 * facts.cpuCores),
  };
  return create(ResourceValuesSchema, { ...right, ...own } as MessageInitShape<typeof ResourceValuesSchema>);
}

const off = (found: ReturnType<typeof deviations>, which: "derived" | "effective"): Record<string, number> =>
  Object.fromEntries(found.filter((one) => one[which] !== 0).map((one) => [one.value, one[which]]));

const anyHost: fc.Arbitrary<HostFacts> = fc
  .tuple(fc.integer({ min: MIB, max: 2 ** 42 }), fc.integer({ min: 1, max: 1_024 }))
  .map(([memoryBytes, cpuCores]) => host(memoryBytes, cpuCores));

describe("the rules", () => {
  it.each(HOSTS)("give what the public server derives of a host with %s", (_, facts, own) => {
    const right = settings(facts, own);
    expect(off(deviations(facts, right, right), "derived")).toEqual({});
  });

  it("hold for every host, and a cache lies within its bounds", () => {
    fc.assert(
      fc.property(anyHost, (facts) => {
        const right = settings(facts);
        const found = deviations(facts, right, right);
        expect([off(found, "derived"), off(found, "effective")]).toEqual([{}, {}]);
        const cache = Number(right.casCacheCapacityBytes);
        expect(cache).toBeGreaterThanOrEqual(4 * MIB);
        expect(cache).toBeLessThanOrEqual(4 * GIB);
      }),
    );
  });

  it.each([
    ["a cache twice as large", { casCacheCapacityBytes: 2n * 858_993_459n }, { cas_cache_capacity_bytes: 1 }],
    ["a TTL of nothing", { casCacheTtlMillis: 0n }, { cas_cache_ttl_seconds: 1 }],
    ["a TTI of 30 s", { casCacheTtiMillis: 30_000n }, { cas_cache_tti_seconds: 0.9 }],
    ["a stack of 1 MiB", { threadStackBytes: 1n << 20n }, { thread_stack_bytes: 0.75 }],
    ["two OXC workers", { oxcPool: { ...POOL, maxWorkers: 2, queueCapacity: 4 } }, { oxc_max_workers: 1 }],
    ["a queue of three", { v8Pool: { ...POOL, queueCapacity: 3 } }, { v8_queue_capacity: 0.5 }],
    [
      "no V8 pool",
      { v8Pool: undefined as never },
      { v8_min_workers: 1, v8_max_workers: 1, v8_idle_timeout_seconds: 1, v8_queue_capacity: 1 },
    ],
    [
      "an idle timeout of 1 s",
      { oxcPool: { ...POOL, idleTimeoutMillis: 1_000n } },
      { oxc_idle_timeout_seconds: 59 / 60 },
    ],
    ["eight CPU slots on four cores", { cpuSlots: 8 }, { cpu_slots: 1 }],
  ])("find %s", (_, own, expected) => {
    const facts = host(8 * GIB, 4);
    const found = deviations(facts, settings(facts, own), settings(facts, own));
    expect([off(found, "derived"), off(found, "effective")]).toEqual([expected, {}]);
  });

  it("take both the documented number of V8 workers and that of the code for right", () => {
    const facts = host(8 * GIB, 8);
    const workers = (count: number) => {
      const values = settings(facts, { v8Pool: { ...POOL, maxWorkers: count, queueCapacity: 2 * count } });
      return off(deviations(facts, values, values), "derived");
    };
    expect([workers(1), workers(4), workers(3), workers(8)]).toEqual([
      {},
      {},
      { v8_max_workers: 0.25 },
      { v8_max_workers: 1 },
    ]);
  });
});

describe("what is in force", () => {
  it("is held against what was derived, right or not", () => {
    const facts = host(8 * GIB, 4);
    const derived = settings(facts, { casCacheTtlMillis: 60_000n });
    const found = deviations(facts, derived, settings(facts));
    expect(off(found, "derived")).toEqual({ cas_cache_ttl_seconds: 29 / 30 });
    expect(off(found, "effective")).toEqual({ cas_cache_ttl_seconds: 29 });
  });

  it("has finite distances, whatever a server says", () => {
    const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const u32 = fc.nat(2 ** 32 - 1);
    const pool = fc.option(
      fc.record({ minWorkers: u32, maxWorkers: u32, idleTimeoutMillis: u64, queueCapacity: u32 }),
      { nil: undefined },
    );
    const values = fc
      .record({ casCacheCapacityBytes: u64, casCacheTtlMillis: u64, cpuSlots: u32, memoryBytes: u64, oxcPool: pool })
      .map(({ oxcPool, ...rest }) => create(ResourceValuesSchema, { ...rest, ...(oxcPool && { oxcPool }) }));
    fc.assert(
      fc.property(anyHost, values, values, (facts, derived, effective) => {
        for (const one of deviations(facts, derived, effective)) {
          expect(Number.isFinite(one.derived) && one.derived >= 0).toBe(true);
          expect(Number.isFinite(one.effective) && one.effective >= 0).toBe(true);
        }
      }),
    );
  });
});

it("a distance is relative to the value that is right", () => {
  const facts = host(8 * GIB, 4);
  const off = (derived: bigint, effective: bigint) =>
    deviations(
      facts,
      settings(facts, { casCacheTtlMillis: derived }),
      settings(facts, { casCacheTtlMillis: effective }),
    ).find(({ value }) => value === "cas_cache_ttl_seconds");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), (factor) => {
      const right = 1_800_000n;
      const found = off(right * BigInt(factor), right);
      expect(found?.derived).toBeCloseTo(factor - 1, 9);
      expect(found?.effective).toBeCloseTo(1 - 1 / factor, 9);
      expect(off(right, 0n)).toMatchObject({ derived: 0, effective: 1 });
    }),
  );
});
