import { defineFault, type Fault } from "./fault.ts";

const host = ["diagnostics.DescribeHost"] as const;
const context = ["diagnostics.InjectContext"] as const;
const gc = ["diagnostics.BroadcastGc"] as const;

/** Pools, engines and settings that are not what they should be. */
export const insideFaults: readonly Fault[] = [
  defineFault({
    name: "diagnostics-off",
    doc: "There is no diagnostics service, as in the public server of today: every call of it is `unimplemented`.",
    methods: ["diagnostics.SubmitTask", ...gc, "diagnostics.RunModule", ...context, ...host],
    decide: { offersDiagnostics: () => false },
  }),
  defineFault({
    name: "stuck-queue",
    doc: "Tasks stay in the queue of their pool: no thread ever takes one.",
    methods: ["diagnostics.SubmitTask"],
    decide: { givesThreads: () => false },
  }),
  defineFault({
    name: "slow-gc",
    doc: "Threads stand still for long when they collect garbage.",
    methods: gc,
    params: { ms: { doc: "how long", default: 1_500, max: 60_000 } },
    decide: { collection: (how, { ms }) => ({ ...how, delayMs: ms }) },
  }),
  defineFault({
    name: "leaking-gc",
    doc: "Threads collect nothing, and what they were to clean stays reachable.",
    methods: gc,
    decide: { collection: (how) => ({ ...how, leaks: true }) },
  }),
  defineFault({
    name: "wrong-module-value",
    doc: "The built-in module gives back another value than it computes.",
    methods: ["diagnostics.RunModule"],
    params: { by: { doc: "how much too large", default: 1, min: 1, max: 2 ** 32 } },
    decide: { moduleValue: (value, { by }) => value + BigInt(Math.floor(by)) },
  }),
  defineFault({
    name: "failing-conversion",
    doc: "The engine cannot convert any context from JSON.",
    methods: context,
    decide: { conversion: (bent) => ({ ...bent, fails: true }) },
  }),
  defineFault({
    name: "wrong-conversion",
    doc: "Numbers of a context become 32-bit floats on their way into the engine.",
    methods: context,
    decide: { conversion: (bent) => ({ ...bent, rounds: true }) },
  }),
  defineFault({
    name: "exception-storm",
    doc: "The engine throws exceptions without end while it converts a context, which it does all the same.",
    methods: context,
    params: { count: { doc: "how many", default: 200, min: 1, max: 10_000 } },
    decide: { conversion: (bent, { count }) => ({ ...bent, storm: Math.floor(count) }) },
  }),
  defineFault({
    name: "derived-off",
    doc: "The capacity of the memory cache that the server derives is not what its rule gives; it is put into force.",
    methods: host,
    params: { factor: { doc: "how many times too large", default: 2, min: 2, max: 1_000 } },
    decide: {
      host({ derived, effective, ...rest }, { factor }) {
        if (derived === undefined || effective === undefined) return { derived, effective, ...rest };
        const casCacheCapacityBytes = derived.casCacheCapacityBytes * BigInt(Math.floor(factor));
        return {
          ...rest,
          derived: { ...derived, casCacheCapacityBytes },
          effective: { ...effective, casCacheCapacityBytes },
        };
      },
    },
  }),
  defineFault({
    name: "effective-off",
    doc: "The memory cache and the V8 pool run with other settings than were derived.",
    methods: host,
    params: {
      ttl: { doc: "TTL of the cache in force, seconds", default: 60 },
      workers: { doc: "most V8 workers in force", default: 7, min: 1, max: 1_000 },
    },
    decide: {
      host({ effective, ...rest }, { ttl, workers }) {
        const v8Pool = effective?.v8Pool;
        if (effective === undefined || v8Pool === undefined) return { effective, ...rest };
        const maxWorkers = Math.floor(workers);
        return {
          ...rest,
          effective: {
            ...effective,
            casCacheTtlMillis: BigInt(Math.floor(ttl * 1_000)),
            v8Pool: { ...v8Pool, maxWorkers },
          },
        };
      },
    },
  }),
  defineFault({
    name: "disk-nearly-full",
    doc: "Next to nothing is left on the disk of the CAS.",
    methods: host,
    params: { bytes: { doc: "what is left", default: 100 * 2 ** 20 } },
    decide: {
      host: ({ disk, ...rest }, { bytes }) => ({
        ...rest,
        ...(disk && { disk: { ...disk, freeBytes: BigInt(Math.floor(bytes)) } }),
      }),
    },
  }),
];
