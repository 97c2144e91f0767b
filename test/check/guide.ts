/** A line of the mission document's lists, in English, and what answers it. */
export interface GuideLine {
  system: "CAS" | "Transport" | "Worker pools" | "Resources" | "Engine" | "Builds";
  list: "key metrics" | "health checks" | "alert rules";
  line: string;
  metrics: readonly string[];
  probes: readonly string[];
  rules: readonly string[];
}

type Answers = Pick<GuideLine, "metrics" | "probes" | "rules">;

const of =
  (system: GuideLine["system"]) =>
  (list: GuideLine["list"], line: string, metrics: string, probes: string, rules: string): GuideLine => {
    const names = (text: string): string[] => text.split(" ").filter((name) => name !== "");
    const answers: Answers = {
      metrics: names(metrics).map((name) => `zako_v1_${name}`),
      probes: names(probes),
      rules: names(rules).map((name) => `Zako${name}`),
    };
    return { system, list, line, ...answers };
  };

const cas = of("CAS");
const transport = of("Transport");
const pools = of("Worker pools");
const resources = of("Resources");
const engine = of("Engine");
const builds = of("Builds");

const DETAILS = "cas_requests_total cas_transport_details_failures_total";
const MISSING = "cas_negotiate_missing_ratio cas_negotiate_missing_blobs_total cas_negotiate_requested_blobs_total";
const DURATIONS = "transport_upload_duration_seconds transport_download_duration_seconds";
const LATENCY =
  "TransportUploadLatencyP95High TransportUploadLatencyP99High TransportDownloadLatencyP95High TransportDownloadLatencyP99High";
const FAILURES = "TransportUploadFailures TransportDownloadFailures";
const TRANSFERS = "transport.upload transport.download transport.journey";

/** Every line of the guide's lists of key metrics, health checks and alert rules, in its order. */
export const GUIDE: readonly GuideLine[] = [
  cas(
    "key metrics",
    "gRPC requests and their error codes",
    DETAILS,
    "cas.details cas.negotiate",
    "CasTransportDetailsErrors",
  ),
  cas(
    "key metrics",
    "negotiated missing ratio: missing over requested blobs",
    MISSING,
    "cas.negotiate",
    "CasMissingRatioHigh",
  ),
  cas(
    "key metrics",
    "recommended against actual concurrency",
    "cas_recommended_concurrency cas_actual_concurrency",
    "cas.details resource.heuristics",
    "CasConcurrencyMismatch CasConcurrencyAnomaly",
  ),
  cas(
    "health checks",
    "call GetTransportDetails regularly",
    DETAILS,
    "cas.details",
    "CasTransportDetailsErrors ProbeDown",
  ),
  cas(
    "health checks",
    "the supported protocols contain gRPC",
    DETAILS,
    "cas.details",
    "CasTransportDetailsErrors ProbeDown",
  ),
  cas("alert rules", "missing ratio stays above a threshold", MISSING, "cas.negotiate", "CasMissingRatioHigh"),
  cas("alert rules", "error rate of transport details rises", DETAILS, "cas.details", "CasTransportDetailsErrors"),
  cas(
    "alert rules",
    "concurrent connections fluctuate abnormally",
    "cas_active_connections cas_tokens_issued_total cas_tokens_held",
    "resource.heuristics cas.details",
    "CasConnectionsAnomaly",
  ),
  transport(
    "key metrics",
    "bytes, rate, P95 and P99 latency of uploads and downloads",
    `transport_upload_bytes_total transport_download_bytes_total transport_throughput_bytes_per_second ${DURATIONS}`,
    "transport.upload transport.download",
    LATENCY,
  ),
  transport(
    "key metrics",
    "chunk sizes and kinds of errors",
    "transport_chunk_size_bytes transport_chunk_errors_total transport_stall_seconds_total",
    "transport.download",
    "TransportChunkErrors",
  ),
  transport(
    "key metrics",
    "uploads refused as already there",
    "transport_upload_already_exists_total",
    "transport.upload",
    "TransportAlreadyExistsOnFresh",
  ),
  transport(
    "health checks",
    "download a piece of a known digest, verify its integrity",
    "transport_integrity_failures_total transport_download_bytes_total",
    "transport.download",
    "TransportIntegrityFailure ProbeDown",
  ),
  transport(
    "health checks",
    "upload a small file and verify it at once",
    "transport_last_commit_timestamp_seconds transport_integrity_failures_total",
    "transport.upload transport.journey",
    "TransportNoCommit TransportIntegrityFailure ProbeDown",
  ),
  transport("alert rules", "upload or download failures rise", "probe_failures_total", TRANSFERS, FAILURES),
  transport("alert rules", "P95 or P99 latency above a threshold", DURATIONS, TRANSFERS, LATENCY),
  transport(
    "alert rules",
    "abnormal share of chunk errors",
    "transport_chunk_errors_total",
    "transport.download",
    "TransportChunkErrors",
  ),
  pools(
    "key metrics",
    "active, least and most threads",
    "worker_active_threads worker_min_threads worker_max_threads worker_busy_threads",
    "worker.submit",
    "WorkerThreadsShort",
  ),
  pools(
    "key metrics",
    "queue length and wait",
    "worker_queue_length worker_queue_wait_seconds worker_task_duration_seconds",
    "worker.submit",
    "WorkerQueueGrowing",
  ),
  pools(
    "key metrics",
    "idle timeouts and GC runs",
    "worker_idle_timeouts_total worker_gc_runs_total",
    "worker.submit worker.gc",
    "WorkerIdleTimeoutsFrequent",
  ),
  pools(
    "health checks",
    "submit a simple task and wait for its end",
    "worker_queue_wait_seconds worker_task_duration_seconds",
    "worker.submit",
    "ProbeDown",
  ),
  pools(
    "health checks",
    "trigger a GC broadcast and see what it cleaned",
    "worker_gc_duration_seconds worker_gc_runs_total",
    "worker.gc",
    "WorkerGcSlow ProbeDown",
  ),
  pools("alert rules", "the queue keeps growing", "worker_queue_length", "worker.submit", "WorkerQueueGrowing"),
  pools(
    "alert rules",
    "frequent idle timeouts",
    "worker_idle_timeouts_total",
    "worker.submit",
    "WorkerIdleTimeoutsFrequent",
  ),
  pools("alert rules", "GC takes abnormally long", "worker_gc_duration_seconds", "worker.gc", "WorkerGcSlow"),
  resources(
    "key metrics",
    "hit ratio of the CAS's memory cache",
    "resource_cas_cache_hit_ratio resource_cas_cache_capacity_bytes resource_cas_cache_ttl_seconds resource_cas_cache_tti_seconds",
    "resource.heuristics",
    "CacheHitRatioLow",
  ),
  resources(
    "key metrics",
    "use of the thread pools, context switches",
    "worker_busy_threads resource_context_switches_total resource_thread_stack_bytes",
    "worker.submit resource.heuristics",
    "WorkerThreadsShort",
  ),
  resources(
    "key metrics",
    "disk I/O and size of the cache directory",
    "resource_disk_io_read_bytes_total resource_disk_io_written_bytes_total resource_cas_directory_bytes resource_disk_free_bytes",
    "resource.heuristics",
    "DiskLow",
  ),
  resources(
    "health checks",
    "read memory and cores, verify the derived values",
    "resource_memory_bytes resource_cpu_cores resource_heuristic_deviation",
    "resource.heuristics",
    "HeuristicsDeviate",
  ),
  resources(
    "health checks",
    "after a start, the pools' settings are in force",
    "resource_heuristic_deviation worker_max_threads",
    "resource.heuristics",
    "HeuristicsDeviate",
  ),
  resources(
    "alert rules",
    "the memory cache is too small, so that few hit it",
    "cache_hit_ratio resource_cas_cache_capacity_bytes",
    "resource.heuristics",
    "CacheHitRatioLow HeuristicsDeviate",
  ),
  resources(
    "alert rules",
    "too few threads, so that the queue grows",
    "worker_queue_length",
    "worker.submit",
    "WorkerThreadsShort",
  ),
  resources("alert rules", "disk space runs out", "resource_disk_free_bytes", "resource.heuristics", "DiskLow"),
  engine(
    "key metrics",
    "P95 and P99 of module executions",
    "engine_module_execution_seconds engine_module_load_seconds",
    "engine.execute",
    "EngineModuleExecutionSlow",
  ),
  engine(
    "key metrics",
    "how long JSON conversions take",
    "engine_json_conversion_seconds",
    "engine.context",
    "EngineJsonConversionFailures",
  ),
  engine(
    "key metrics",
    "exceptions and their kinds",
    "engine_exceptions_total",
    "engine.context",
    "EngineExceptionsSurge",
  ),
  engine(
    "health checks",
    "run a simple module and verify what it returns",
    "engine_module_execution_seconds",
    "engine.execute",
    "ProbeDown",
  ),
  engine(
    "health checks",
    "inject an executionContext and verify its conversion",
    "engine_json_conversion_seconds engine_json_conversion_failures_total",
    "engine.context",
    "EngineJsonConversionFailures ProbeDown",
  ),
  engine(
    "alert rules",
    "module executions become abnormally slow",
    "engine_module_execution_seconds",
    "engine.execute",
    "EngineModuleExecutionSlow",
  ),
  engine(
    "alert rules",
    "JSON conversions fail more often",
    "engine_json_conversion_failures_total",
    "engine.context",
    "EngineJsonConversionFailures",
  ),
  engine("alert rules", "exceptions surge", "engine_exceptions_total", "engine.context", "EngineExceptionsSurge"),
  builds("key metrics", "build time", "build_duration_seconds", "push", "BuildSlow"),
  builds("key metrics", "cache hit ratio", "cache_hit_ratio", "push scrape", "CacheHitRatioLow"),
  builds("key metrics", "memory use", "process_resident_memory_bytes", "scrape push", "ProcessMemoryHigh"),
  builds("key metrics", "CPU use", "process_cpu_seconds_total", "scrape resource.heuristics", "ProcessCpuHigh"),
];
