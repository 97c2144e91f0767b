import { DURATION_BUCKETS, type Family } from "../metric.ts";

const ofPool = ["target", "source", "pool"] as const;
const ofTarget = ["target", "source"] as const;
/** Modules and builds run for longer than calls do. */
const LONG_BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600] as const;

/**
 * Families about what goes on inside a Zako: worker pools, resources, engine and builds. Its diagnostics service (source
 * `probe`), its own Prometheus endpoint (`scrape`) and its OTLP exporter (`push`) may all feed them.
 */
export const INSIDE_FAMILIES = {
  activeThreads: {
    name: "zako_v1_worker_active_threads",
    type: "gauge",
    help: "Threads of the pool that are alive.",
    labels: ofPool,
  },
  busyThreads: {
    name: "zako_v1_worker_busy_threads",
    type: "gauge",
    help: "Threads of the pool that run a task.",
    labels: ofPool,
  },
  minThreads: {
    name: "zako_v1_worker_min_threads",
    type: "gauge",
    help: "Threads that the pool keeps even when idle.",
    labels: ofPool,
  },
  maxThreads: {
    name: "zako_v1_worker_max_threads",
    type: "gauge",
    help: "Threads that the pool may have at most.",
    labels: ofPool,
  },
  queueLength: {
    name: "zako_v1_worker_queue_length",
    type: "gauge",
    help: "Tasks of the pool that wait for a thread.",
    labels: ofPool,
  },
  queueWait: {
    name: "zako_v1_worker_queue_wait_seconds",
    type: "histogram",
    help: "How long tasks waited for a thread.",
    labels: ofPool,
    buckets: DURATION_BUCKETS,
  },
  taskDuration: {
    name: "zako_v1_worker_task_duration_seconds",
    type: "histogram",
    help: "How long tasks ran, their wait not included.",
    labels: ofPool,
    buckets: DURATION_BUCKETS,
  },
  idleTimeouts: {
    name: "zako_v1_worker_idle_timeouts_total",
    type: "counter",
    help: "Threads that were ended because they had been idle for too long.",
    labels: ofPool,
  },
  gcRuns: {
    name: "zako_v1_worker_gc_runs_total",
    type: "counter",
    help: "GC broadcasts that the pool has carried out.",
    labels: ofPool,
  },
  gcTime: {
    name: "zako_v1_worker_gc_seconds_total",
    type: "counter",
    help: "Time that the pool has spent on GC broadcasts.",
    labels: ofPool,
  },
  gcDuration: {
    name: "zako_v1_worker_gc_duration_seconds",
    type: "histogram",
    help: "How long GC broadcasts took until every thread had answered.",
    labels: ofPool,
    buckets: DURATION_BUCKETS,
  },
  memory: {
    name: "zako_v1_resource_memory_bytes",
    type: "gauge",
    help: "Memory of the host.",
    labels: ofTarget,
  },
  cpuCores: {
    name: "zako_v1_resource_cpu_cores",
    type: "gauge",
    help: "Logical cores of the host.",
    labels: ofTarget,
  },
  cacheCapacity: {
    name: "zako_v1_resource_cas_cache_capacity_bytes",
    type: "gauge",
    help: "Capacity of the CAS's memory cache in force.",
    labels: ofTarget,
  },
  cacheHitRatioOfMemory: {
    name: "zako_v1_resource_cas_cache_hit_ratio",
    type: "gauge",
    help: "Share of the CAS's reads that its memory cache answered; for source probe since the process began.",
    labels: ofTarget,
  },
  cacheTtl: {
    name: "zako_v1_resource_cas_cache_ttl_seconds",
    type: "gauge",
    help: "How long the memory cache keeps a blob at most.",
    labels: ofTarget,
  },
  cacheTti: {
    name: "zako_v1_resource_cas_cache_tti_seconds",
    type: "gauge",
    help: "How long the memory cache keeps a blob that nobody asks for.",
    labels: ofTarget,
  },
  threadStack: {
    name: "zako_v1_resource_thread_stack_bytes",
    type: "gauge",
    help: "Stack of a runtime thread.",
    labels: ofTarget,
  },
  casDirectory: {
    name: "zako_v1_resource_cas_directory_bytes",
    type: "gauge",
    help: "Bytes that the CAS directory takes on disk.",
    labels: ofTarget,
  },
  diskFree: {
    name: "zako_v1_resource_disk_free_bytes",
    type: "gauge",
    help: "Bytes left on the disk of the CAS directory.",
    labels: ofTarget,
  },
  diskTotal: {
    name: "zako_v1_resource_disk_total_bytes",
    type: "gauge",
    help: "Bytes of the file system of the CAS directory.",
    labels: ofTarget,
  },
  diskRead: {
    name: "zako_v1_resource_disk_io_read_bytes_total",
    type: "counter",
    help: "Bytes that the process read from disk.",
    labels: ofTarget,
  },
  diskWritten: {
    name: "zako_v1_resource_disk_io_written_bytes_total",
    type: "counter",
    help: "Bytes that the process wrote to disk.",
    labels: ofTarget,
  },
  heuristicDeviation: {
    name: "zako_v1_resource_heuristic_deviation",
    type: "gauge",
    help: "Relative distance of a derived setting from its rule, or of the setting in force from it if larger; 0 is right.",
    labels: [...ofTarget, "value"],
  },
  contextSwitches: {
    name: "zako_v1_resource_context_switches_total",
    type: "counter",
    help: "Context switches of the process, voluntary and not.",
    labels: ofTarget,
  },
  moduleLoad: {
    name: "zako_v1_engine_module_load_seconds",
    type: "histogram",
    help: "How long modules took to load.",
    labels: ofTarget,
    buckets: DURATION_BUCKETS,
  },
  moduleExecution: {
    name: "zako_v1_engine_module_execution_seconds",
    type: "histogram",
    help: "How long modules took to run once loaded.",
    labels: ofTarget,
    buckets: DURATION_BUCKETS,
  },
  jsonConversion: {
    name: "zako_v1_engine_json_conversion_seconds",
    type: "histogram",
    help: "How long the JSON of an executionContext took to become the engine's values.",
    labels: ofTarget,
    buckets: DURATION_BUCKETS,
  },
  jsonConversionFailures: {
    name: "zako_v1_engine_json_conversion_failures_total",
    type: "counter",
    help: "Conversions of JSON into the engine's values that failed.",
    labels: ofTarget,
  },
  exceptions: {
    name: "zako_v1_engine_exceptions_total",
    type: "counter",
    help: "Exceptions that modules ended in, by kind.",
    labels: [...ofTarget, "kind"],
  },
  activeConnections: {
    name: "zako_v1_cas_active_connections",
    type: "gauge",
    help: "Connections that the CAS holds open.",
    labels: ofTarget,
  },
  actualConcurrency: {
    name: "zako_v1_cas_actual_concurrency",
    type: "gauge",
    help: "Transfers that the server carries out at the same time.",
    labels: ofTarget,
  },
  tokensHeld: {
    name: "zako_v1_cas_tokens_held",
    type: "gauge",
    help: "Tokens that the server keeps in memory.",
    labels: ofTarget,
  },
  buildDuration: {
    name: "zako_v1_build_duration_seconds",
    type: "histogram",
    help: "How long builds took.",
    labels: ofTarget,
    buckets: LONG_BUCKETS,
  },
  cacheHitRatio: {
    name: "zako_v1_cache_hit_ratio",
    type: "gauge",
    help: "Share of what builds asked for that was in the cache.",
    labels: ofTarget,
  },
  residentMemory: {
    name: "zako_v1_process_resident_memory_bytes",
    type: "gauge",
    help: "Resident memory of the process.",
    labels: ofTarget,
  },
  processCpu: {
    name: "zako_v1_process_cpu_seconds_total",
    type: "counter",
    help: "CPU time of the process, user and system.",
    labels: ofTarget,
  },
} as const satisfies Record<string, Family>;
