import type { Runbook } from "../../model/alerting/runbook.ts";

export const WORKER_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "worker-queue-growing",
    alerts: ["ZakoWorkerQueueGrowing"],
    means: "For at least ten minutes, tasks have arrived faster than the pool's workers finish them.",
    impact: "Tasks wait longer and longer. When the queue is full, new tasks are refused.",
    check: [
      "`zako_v1_worker_busy_threads` against `zako_v1_worker_max_threads`: at the limit, the pool has too few threads.",
      "The probe `worker.submit`: if it fails with `queue_stuck`, threads accept no tasks at all.",
      "`zako_v1_worker_task_duration_seconds`: whether tasks have become slower.",
      "CPU of the host.",
    ],
    fix: ["Give the pool more threads, or the host more CPU.", "Find the task that blocks its worker."],
  },
  {
    slug: "worker-idle-timeouts",
    alerts: ["ZakoWorkerIdleTimeoutsFrequent"],
    means: "Workers are started, idle for a minute, and stopped, again and again.",
    impact: "Informational: starting a V8 worker costs time and memory.",
    check: [
      "Whether load comes in short bursts: `zako_v1_worker_queue_length`.",
      "The pool's minimum number of threads and its idle timeout.",
    ],
    fix: ["Raise the pool's minimum number of threads or its idle timeout."],
  },
  {
    slug: "worker-gc-slow",
    alerts: ["ZakoWorkerGcSlow"],
    means: "5 % of the garbage collections broadcast to all workers take longer than a second.",
    impact: "Workers run no tasks while they collect.",
    check: [
      "The probe `worker.gc`: if it fails with `gc_ineffective`, memory is not freed at all.",
      "`zako_v1_worker_gc_seconds_total`: how much time collections take.",
      "Memory of the process: `zako_v1_process_resident_memory_bytes`.",
      "`zako_v1_worker_gc_runs_total`: whether collections run too often.",
      "Whether modules keep large objects alive.",
    ],
    fix: ["Give the process more memory, or restart it.", "Find the module that holds on to memory."],
  },
  {
    slug: "worker-threads-short",
    alerts: ["ZakoWorkerThreadsShort"],
    means: "For 15 minutes, the number of waiting tasks has been at least the pool's maximum number of threads.",
    impact:
      "Builds are slower. The queue holds twice as many tasks as the pool's maximum number of threads; further tasks are refused.",
    check: [
      "`zako_v1_worker_busy_threads` and `zako_v1_worker_queue_wait_seconds`: idle threads next to a waiting queue are broken.",
      "CPU of the host: more threads help only if CPU is free.",
    ],
    fix: ["Raise the pool's maximum if CPU is free; otherwise add hosts."],
  },
  {
    slug: "engine-module-execution-slow",
    alerts: ["ZakoEngineModuleExecutionSlow"],
    means: "5 % of the modules run longer than five seconds.",
    impact: "Builds wait for their rules to be evaluated.",
    check: [
      "Other phases: `zako_v1_engine_module_load_seconds` and `zako_v1_engine_json_conversion_seconds`.",
      "Which module, in the traces that the CLI exports.",
      "CPU of the host, and garbage collection.",
    ],
    fix: ["Make the module faster, or give the host more CPU."],
  },
  {
    slug: "engine-json-conversion-failures",
    alerts: ["ZakoEngineJsonConversionFailures"],
    means: "Inputs of executions could not be converted between JSON and V8, or changed in the conversion.",
    impact: "Those executions fail, or use wrong values.",
    check: [
      "The label `source`: with `probe`, the context is the prober's own and valid, so the engine is at fault.",
      "Which caller sends the input, and whether it changed recently.",
      "Values that JSON cannot represent, and deeply nested ones.",
    ],
    fix: ["Correct the caller's input, or roll back the change."],
  },
  {
    slug: "engine-exceptions-surge",
    alerts: ["ZakoEngineExceptionsSurge"],
    means: "Modules throw more exceptions than usual: more than 20 within 15 minutes.",
    impact: "Builds that run these modules fail.",
    check: [
      "The kind: `zako_v1_engine_exceptions_total`.",
      "The probe `engine.context`: if it fails with `exceptions`, the engine throws even without modules of a build.",
      "What was released recently: modules, or the engine.",
    ],
    fix: ["Roll back the release that caused it."],
  },
  {
    slug: "cache-hit-ratio-low",
    alerts: ["ZakoCacheHitRatioLow"],
    means: "For an hour, the cache has answered less than half of the builds' requests.",
    impact: "Informational: builds repeat work that others have done.",
    check: [
      "Whether a toolchain or base image changed: then everything is built once anew.",
      "Whether blobs are evicted too early: `zako_v1_transport_canary_retention_seconds`, `zako_v1_resource_cas_cache_capacity_bytes`.",
      "Whether inputs differ by host: paths, times, environment.",
    ],
    fix: ["After a change, wait. Otherwise enlarge the cache, or make inputs identical."],
  },
  {
    slug: "disk-low",
    alerts: ["ZakoDiskLow"],
    means: "The disk of the CAS has less than 10 GiB free.",
    impact: "The store never deletes by itself: when the disk is full, every upload fails.",
    check: [
      "`zako_v1_resource_cas_directory_bytes` and how fast it grows.",
      "`zako_v1_resource_disk_total_bytes`, and what else fills the disk.",
      "The probe `resource.heuristics`: it fails with `disk_low` shortly before uploads fail.",
    ],
    fix: ["Enlarge the disk, or stop the server and remove blobs that have not been read for a long time."],
  },
  {
    slug: "heuristics-deviate",
    alerts: ["ZakoHeuristicsDeviate"],
    means:
      "A setting that Zako derives from its host (cache size, worker threads, stack size) differs from what the rule derives, or is not in effect.",
    impact: "The server may use too many or too few of its host's resources.",
    check: [
      "Which setting: the label `value`.",
      "The steps of the probe `resource.heuristics`: `derived` is what the server computes, `effective` what it really runs with.",
      "Whether a limit (container, cgroup) hides part of the host, or the setting was changed by hand.",
    ],
    fix: ["Correct the setting, or the limit.", "Disable the rule for the target if the setting is intended."],
  },
];
