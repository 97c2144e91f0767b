import type { Rule } from "../../model/alerting/rule.ts";
import { HOUR_MS, MINUTE_MS, series, shipped } from "./define.ts";

/** Rules about worker pools, engine, resources and builds. */
export const WORKER_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoWorkerQueueGrowing",
    severity: "warning",
    condition: {
      kind: "growth",
      gauge: series("zako_v1_worker_queue_length"),
      windowMs: 15 * MINUTE_MS,
      op: ">",
      value: 1,
      // Queues hold twice the workers, and a Zako of today has one: two tasks that wait are a full queue.
      floor: 1,
    },
    by: ["target", "source", "pool"],
    forMs: 10 * MINUTE_MS,
    keepFiringForMs: 5 * MINUTE_MS,
    summary: "A worker queue keeps growing.",
    description:
      "The queue of pool {{ $labels.pool }} on {{ $labels.target }} has grown by {{ $value | humanize }} within 15 minutes.",
    runbook: "worker-queue-growing",
  }),
  shipped({
    name: "ZakoWorkerIdleTimeoutsFrequent",
    severity: "info",
    condition: {
      kind: "rate",
      counter: series("zako_v1_worker_idle_timeouts_total"),
      windowMs: 15 * MINUTE_MS,
      op: ">",
      // The idle timeout is 60 s: two workers that never find work.
      value: 30,
    },
    by: ["target", "source", "pool"],
    forMs: 15 * MINUTE_MS,
    keepFiringForMs: 15 * MINUTE_MS,
    summary: "Workers are started and stopped all the time.",
    description: "Pool {{ $labels.pool }} on {{ $labels.target }} stopped {{ $value }} idle workers within 15 minutes.",
    runbook: "worker-idle-timeouts",
  }),
  shipped({
    name: "ZakoWorkerGcSlow",
    severity: "warning",
    condition: {
      kind: "quantile",
      histogram: series("zako_v1_worker_gc_duration_seconds"),
      quantile: 0.95,
      // Our own broadcasts come every 15 minutes; below 20 of them the quantile is the one slowest.
      windowMs: 6 * HOUR_MS,
      op: ">",
      value: 1,
      minCount: 20,
    },
    by: ["target", "pool"],
    forMs: 10 * MINUTE_MS,
    keepFiringForMs: 15 * MINUTE_MS,
    summary: "Garbage collection of workers is slow.",
    description:
      "One in twenty GC broadcasts to pool {{ $labels.pool }} on {{ $labels.target }} takes {{ $value | humanizeDuration }} or longer.",
    runbook: "worker-gc-slow",
  }),
  shipped({
    name: "ZakoWorkerThreadsShort",
    severity: "warning",
    condition: {
      kind: "quotient",
      // Not the threads that are alive: a pool whose most is one thread always has them all.
      numerator: series("zako_v1_worker_queue_length"),
      denominator: series("zako_v1_worker_max_threads"),
      op: ">=",
      value: 1,
    },
    by: ["target", "source", "pool"],
    forMs: 15 * MINUTE_MS,
    keepFiringForMs: 5 * MINUTE_MS,
    summary: "A worker pool is short of threads.",
    description:
      "For 15 minutes at least as many tasks have waited for pool {{ $labels.pool }} on {{ $labels.target }} as it may have threads.",
    runbook: "worker-threads-short",
  }),
  shipped({
    name: "ZakoEngineModuleExecutionSlow",
    severity: "warning",
    condition: {
      kind: "quantile",
      histogram: series("zako_v1_engine_module_execution_seconds"),
      quantile: 0.95,
      // Our own module runs every 5 minutes; below 20 runs the quantile is the one slowest.
      windowMs: 2 * HOUR_MS,
      op: ">",
      value: 5,
      minCount: 20,
    },
    forMs: 10 * MINUTE_MS,
    keepFiringForMs: 10 * MINUTE_MS,
    summary: "Modules run slowly.",
    description: "One in twenty modules on {{ $labels.target }} runs for {{ $value | humanizeDuration }} or longer.",
    runbook: "engine-module-execution-slow",
  }),
  shipped({
    name: "ZakoEngineJsonConversionFailures",
    severity: "warning",
    condition: {
      kind: "rate",
      counter: series("zako_v1_engine_json_conversion_failures_total"),
      windowMs: 15 * MINUTE_MS,
      op: ">",
      // Our own context is converted every 5 minutes: three failures in a row.
      value: 2,
    },
    by: ["target", "source"],
    keepFiringForMs: 10 * MINUTE_MS,
    summary: "Inputs cannot be converted from JSON.",
    description: "{{ $value }} conversions on {{ $labels.target }} failed within 15 minutes.",
    runbook: "engine-json-conversion-failures",
  }),
  shipped({
    name: "ZakoEngineExceptionsSurge",
    severity: "warning",
    condition: {
      kind: "rate",
      counter: series("zako_v1_engine_exceptions_total"),
      windowMs: 15 * MINUTE_MS,
      op: ">",
      // Users' modules may throw now and then; one and more every minute is a pattern.
      value: 20,
    },
    by: ["target", "source"],
    keepFiringForMs: 10 * MINUTE_MS,
    summary: "Exceptions surge.",
    description: "{{ $labels.target }} threw {{ $value }} exceptions within 15 minutes.",
    runbook: "engine-exceptions-surge",
  }),
  shipped({
    name: "ZakoCacheHitRatioLow",
    severity: "info",
    condition: {
      kind: "threshold",
      metric: series("zako_v1_cache_hit_ratio"),
      aggregate: "min",
      op: "<",
      value: 0.5,
    },
    // Longer than a large clean build.
    forMs: HOUR_MS,
    keepFiringForMs: 15 * MINUTE_MS,
    summary: "Builds find little in the cache.",
    description:
      "Only {{ $value | humanizePercentage }} of what builds asked {{ $labels.target }} for was in the cache.",
    runbook: "cache-hit-ratio-low",
  }),
  shipped({
    name: "ZakoDiskLow",
    severity: "critical",
    condition: {
      kind: "threshold",
      metric: series("zako_v1_resource_disk_free_bytes"),
      aggregate: "min",
      op: "<",
      // The store never deletes: a day of uploads of a busy fleet.
      value: 10 * 2 ** 30,
    },
    forMs: 5 * MINUTE_MS,
    keepFiringForMs: 15 * MINUTE_MS,
    summary: "The disk is nearly full.",
    description: "{{ $labels.target }} has {{ $value | humanize1024 }}B of disk left.",
    runbook: "disk-low",
  }),
  shipped({
    name: "ZakoHeuristicsDeviate",
    severity: "warning",
    condition: {
      kind: "threshold",
      metric: series("zako_v1_resource_heuristic_deviation"),
      aggregate: "max",
      op: ">",
      value: 0,
    },
    by: ["target", "value"],
    forMs: 15 * MINUTE_MS,
    summary: "A derived setting is not what the host asks for.",
    description: "{{ $labels.value }} of {{ $labels.target }} differs from what its rule derives.",
    runbook: "heuristics-deviate",
  }),
];
