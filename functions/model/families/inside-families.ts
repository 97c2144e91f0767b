import { DURATION_BUCKETS, type Family } from "../metric.ts";

const ofPool = ["target", "source", "pool"] as const;
const ofTarget = ["target", "source"] as const;
/** Modules and builds take longer than calls. */
const LONG_BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600] as const;

/**
 * Families about the inside of a Zako: worker pools, resources, engine and builds. Its diagnostics service (source
 * `probe`), its own Prometheus endpoint (`scrape`) and its OTLP exporter (`push`) may all feed them.
 */
export const INSIDE_FAMILIES = {
  activeThreads: {
    name: "zako_v1_worker_active_threads",
    type: "gauge",
    help: "Live threads of the pool.",
    labels: ofPool,
  },
  busyThreads: {
    name: "zako_v1_worker_busy_threads",
    type: "gauge",
    help: "Threads of the pool that are running a task.",
    labels: ofPool,
  },
  minThreads: {
    name: "zako_v1_worker_min_threads",
    type: "gauge",
    help: "Minimum number of threads of the pool.",
    labels: ofPool,
  },
  maxThreads: {
    name: "zako_v1_worker_max_threads",
    type: "gauge",
    help: "Maximum number of threads of the pool.",
    labels: ofPool,
  },
  queueLength: {
    name: "zako_v1_worker_queue_length",
    type: "gauge",
    help: "Tasks of the pool waiting for a thread.",
    labels: ofPool,
  },
  queueWait: {
    name: "zako_v1_worker_queue_wait_seconds",
    type: "histogram",
    help: "Time that tasks waited for a thread.",
    labels: ofPool,
    buckets: DURATION_BUCKETS,
    standard: [],
  },
  taskDuration: {
    name: "zako_v1_worker_task_duration_seconds",
    type: "histogram",
    help: "Time that tasks ran, without the wait.",
    labels: ofPool,
    buckets: DURATION_BUCKETS,
    standard: [],
  },
  idleTimeouts: {
    name: "zako_v1_worker_idle_timeouts_total",
    type: "counter",
    help: "Threads stopped because they had been idle for too long.",
    labels: ofPool,
  },
  gcRuns: {
    name: "zako_v1_worker_gc_runs_total",
    type: "counter",
    help: "GC broadcasts that the pool has run.",
    labels: ofPool,
  },
  gcTime: {
    name: "zako_v1_worker_gc_seconds_total",
    type: "counter",
    help: "Time that the pool has spent on GC broadcasts.",
    labels: ofPool,
    standard: "hidden",
  },
  gcDuration: {
    name: "zako_v1_worker_gc_duration_seconds",
    type: "histogram",
    help: "Duration of GC broadcasts, until every thread had answered.",
    labels: ofPool,
    buckets: DURATION_BUCKETS,
    standard: [],
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
    help: "Effective capacity of the CAS's memory cache.",
    labels: ofTarget,
  },
  cacheHitRatioOfMemory: {
    name: "zako_v1_resource_cas_cache_hit_ratio",
    type: "gauge",
    help: "Share of CAS reads answered by the memory cache; for source probe since the process started.",
    labels: ofTarget,
  },
  cacheTtl: {
    name: "zako_v1_resource_cas_cache_ttl_seconds",
    type: "gauge",
    help: "Maximum time that the memory cache keeps a blob.",
    labels: ofTarget,
  },
  cacheTti: {
    name: "zako_v1_resource_cas_cache_tti_seconds",
    type: "gauge",
    help: "Time after which the memory cache drops a blob that is not read.",
    labels: ofTarget,
  },
  threadStack: {
    name: "zako_v1_resource_thread_stack_bytes",
    type: "gauge",
    help: "Stack size of a runtime thread.",
    labels: ofTarget,
  },
  casDirectory: {
    name: "zako_v1_resource_cas_directory_bytes",
    type: "gauge",
    help: "Size of the CAS directory on disk.",
    labels: ofTarget,
  },
  diskFree: {
    name: "zako_v1_resource_disk_free_bytes",
    type: "gauge",
    help: "Free space on the disk of the CAS directory.",
    labels: ofTarget,
  },
  diskTotal: {
    name: "zako_v1_resource_disk_total_bytes",
    type: "gauge",
    help: "Size of the file system of the CAS directory.",
    labels: ofTarget,
    standard: "hidden",
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
    help: "Relative deviation of a derived setting from its rule, or of the effective setting from the derived one if larger; 0 is correct.",
    labels: [...ofTarget, "value"],
  },
  contextSwitches: {
    name: "zako_v1_resource_context_switches_total",
    type: "counter",
    help: "Context switches of the process, voluntary and involuntary.",
    labels: ofTarget,
  },
  moduleLoad: {
    name: "zako_v1_engine_module_load_seconds",
    type: "histogram",
    help: "Time to load modules.",
    labels: ofTarget,
    buckets: DURATION_BUCKETS,
    standard: [],
  },
  moduleExecution: {
    name: "zako_v1_engine_module_execution_seconds",
    type: "histogram",
    help: "Time to run modules once loaded.",
    labels: ofTarget,
    buckets: DURATION_BUCKETS,
    standard: [1],
  },
  jsonConversion: {
    name: "zako_v1_engine_json_conversion_seconds",
    type: "histogram",
    help: "Time to convert the JSON of an executionContext into values of the engine.",
    labels: ofTarget,
    buckets: DURATION_BUCKETS,
    standard: [0.1],
  },
  jsonConversionFailures: {
    name: "zako_v1_engine_json_conversion_failures_total",
    type: "counter",
    help: "Failed conversions of JSON into values of the engine.",
    labels: ofTarget,
  },
  exceptions: {
    name: "zako_v1_engine_exceptions_total",
    type: "counter",
    help: "Exceptions that ended modules, by kind.",
    labels: [...ofTarget, "kind"],
  },
  activeConnections: {
    name: "zako_v1_cas_active_connections",
    type: "gauge",
    help: "Open connections of the CAS.",
    labels: ofTarget,
  },
  actualConcurrency: {
    name: "zako_v1_cas_actual_concurrency",
    type: "gauge",
    help: "Transfers that the server is running at the same time.",
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
    help: "Duration of builds.",
    labels: ofTarget,
    buckets: LONG_BUCKETS,
  },
  cacheHitRatio: {
    name: "zako_v1_cache_hit_ratio",
    type: "gauge",
    help: "Share of build requests that the cache answered.",
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
