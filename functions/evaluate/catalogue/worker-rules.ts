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
    summary: "Worker queue keeps growing",
    description:
      "The queue of pool {{ $labels.pool }} on {{ $labels.target }} grew by {{ $value | humanize }} tasks within 15 minutes.",
    runbook: "worker-queue-growing",
  }),
  shipped({
    name: "ZakoWorkerIdleTimeoutsFrequent",
    severity: "info",
    condition: {
      kind: "rate",
      counter: series("zako_v1_worker_idle_timeouts_total"),
      windowMs: 15 * MINUTE_MS,
      shortWindowMs: 5 * MINUTE_MS,
      op: ">",
      // The idle timeout is 60 s: two workers that never find work.
      value: 30,
    },
    by: ["target", "source", "pool"],
    forMs: 15 * MINUTE_MS,
    summary: "Workers time out idle often",
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
      shortWindowMs: HOUR_MS,
      op: ">",
      value: 1,
      minCount: 20,
    },
    by: ["target", "pool"],
    forMs: 10 * MINUTE_MS,
    summary: "Garbage collection of workers is slow",
    description:
      "5 % of the GC broadcasts to pool {{ $labels.pool }} on {{ $labels.target }} take {{ $value | humanizeDuration }} or longer.",
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
    summary: "Worker pool is short of threads",
    description:
      "At least as many tasks wait for pool {{ $labels.pool }} on {{ $labels.target }} as it may have threads, and have for 15 minutes.",
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
      shortWindowMs: 20 * MINUTE_MS,
      op: ">",
      value: 5,
      minCount: 20,
    },
    forMs: 10 * MINUTE_MS,
    summary: "Modules run slowly",
    description: "5 % of the modules on {{ $labels.target }} run for {{ $value | humanizeDuration }} or longer.",
    runbook: "engine-module-execution-slow",
  }),
  shipped({
    name: "ZakoEngineJsonConversionFailures",
    severity: "warning",
    condition: {
      kind: "rate",
      counter: series("zako_v1_engine_json_conversion_failures_total"),
      windowMs: 15 * MINUTE_MS,
      // Two intervals of our own.
      shortWindowMs: 10 * MINUTE_MS,
      op: ">",
      // Our own context is converted every 5 minutes: three failures in a row.
      value: 2,
    },
    by: ["target", "source"],
    summary: "JSON conversion fails",
    description: "{{ $value }} conversions from JSON on {{ $labels.target }} failed within 15 minutes.",
    runbook: "engine-json-conversion-failures",
  }),
  shipped({
    name: "ZakoEngineExceptionsSurge",
    severity: "warning",
    condition: {
      kind: "rate",
      counter: series("zako_v1_engine_exceptions_total"),
      windowMs: 15 * MINUTE_MS,
      shortWindowMs: 5 * MINUTE_MS,
      op: ">",
      // Users' modules may throw now and then; one and more every minute is a pattern.
      value: 20,
    },
    by: ["target", "source"],
    summary: "Exceptions surge",
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
    summary: "Cache hit ratio is low",
    description:
      "Only {{ $value | humanizePercentage }} of the blobs that builds asked {{ $labels.target }} for were in the cache.",
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
    summary: "Disk is nearly full",
    description: "{{ $labels.target }} has {{ $value | humanize1024 }}B of free disk space.",
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
    summary: "Derived setting deviates",
    description:
      "{{ $labels.value }} of {{ $labels.target }} differs from the value that its rule derives for the host.",
    runbook: "heuristics-deviate",
  }),
];
