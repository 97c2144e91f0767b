import type { Runbook } from "../../model/alerting/runbook.ts";

export const WORKER_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "worker-queue-growing",
    alerts: ["ZakoWorkerQueueGrowing"],
    means: "Tasks come faster than the pool's workers finish them, for at least ten minutes.",
    impact: "Tasks wait longer and longer; when the queue is full, new ones are refused.",
    check: [
      "`zako_v1_worker_busy_threads` against `zako_v1_worker_max_threads`: at the limit, workers are short.",
      "The probe `worker.submit`: where it fails for `queue_stuck`, threads take no tasks at all.",
      "`zako_v1_worker_task_duration_seconds`: tasks that have become slow.",
      "CPU of the host.",
    ],
    fix: ["Give the pool more threads or the host more CPU.", "Find the task that blocks its worker."],
  },
  {
    slug: "worker-idle-timeouts",
    alerts: ["ZakoWorkerIdleTimeoutsFrequent"],
    means: "Workers are started, find nothing to do for a minute, and are stopped, again and again.",
    impact: "For the record: starting a V8 worker costs time and memory.",
    check: [
      "Whether load comes in short bursts: `zako_v1_worker_queue_length`.",
      "The pool's minimum and idle timeout.",
    ],
    fix: ["Raise the pool's minimum of threads or its idle timeout."],
  },
  {
    slug: "worker-gc-slow",
    alerts: ["ZakoWorkerGcSlow"],
    means: "One in twenty garbage collections that were asked of all workers takes longer than a second.",
    impact: "Workers run no task while they collect.",
    check: [
      "The probe `worker.gc`: where it fails for `gc_ineffective`, memory is not given back at all.",
      "`zako_v1_worker_gc_seconds_total`: how much time goes into it.",
      "Memory of the process: `zako_v1_process_resident_memory_bytes`.",
      "`zako_v1_worker_gc_runs_total`: whether it is asked for too often.",
      "Whether modules keep large objects alive.",
    ],
    fix: ["Give the process more memory, or restart it.", "Find the module that holds on to memory."],
  },
  {
    slug: "worker-threads-short",
    alerts: ["ZakoWorkerThreadsShort"],
    means:
      "For 15 minutes at least as many tasks have waited as the pool may have threads: every thread has one more to do.",
    impact:
      "Builds are slower; the queue holds twice as many tasks as the pool may have threads, then tasks are refused.",
    check: [
      "`zako_v1_worker_busy_threads` and `zako_v1_worker_queue_wait_seconds`: threads that are idle beside a queue are broken.",
      "CPU of the host: more threads help only if it is free.",
    ],
    fix: ["Raise the pool's maximum where CPU is free; else add hosts."],
  },
  {
    slug: "engine-module-execution-slow",
    alerts: ["ZakoEngineModuleExecutionSlow"],
    means: "One in twenty modules runs longer than five seconds.",
    impact: "Builds wait for their rules to be evaluated.",
    check: [
      "Apart from execution: `zako_v1_engine_module_load_seconds` and `zako_v1_engine_json_conversion_seconds`.",
      "Which module, in the traces that the CLI exports.",
      "CPU of the host, and garbage collection.",
    ],
    fix: ["Make the module cheaper, or give the host more CPU."],
  },
  {
    slug: "engine-json-conversion-failures",
    alerts: ["ZakoEngineJsonConversionFailures"],
    means: "Inputs of executions could not be converted between JSON and V8, or came out as something else.",
    impact: "Those executions fail, or work on wrong values.",
    check: [
      "The label `source`: with `probe` it is our own context, which nothing is wrong with, so it is the engine.",
      "Which caller sends the input, and whether it was changed lately.",
      "Values that JSON cannot hold, and very deep ones.",
    ],
    fix: ["Correct the caller's input, or take back the change."],
  },
  {
    slug: "engine-exceptions-surge",
    alerts: ["ZakoEngineExceptionsSurge"],
    means: "Modules throw more exceptions than usual: more than 20 within 15 minutes.",
    impact: "Builds that run these modules fail.",
    check: [
      "The kind: `zako_v1_engine_exceptions_total`.",
      "The probe `engine.context`: where it fails for `exceptions`, the engine throws without any module of a build.",
      "What was released lately: modules, or the engine.",
    ],
    fix: ["Take back the release that began it."],
  },
  {
    slug: "cache-hit-ratio-low",
    alerts: ["ZakoCacheHitRatioLow"],
    means: "For an hour less than half of what builds asked for was in the cache.",
    impact: "For the record: builds do work that others have done.",
    check: [
      "Whether a toolchain or base image was changed: then everything is new once.",
      "Whether blobs go too soon: `zako_v1_transport_canary_retention_seconds`, `zako_v1_resource_cas_cache_capacity_bytes`.",
      "Whether inputs differ by host: paths, times, environment.",
    ],
    fix: ["Wait, if it was a change; else enlarge the cache or make inputs alike."],
  },
  {
    slug: "disk-low",
    alerts: ["ZakoDiskLow"],
    means: "The disk that holds the CAS has less than 10 GiB left.",
    impact: "The store never deletes by itself: when the disk is full, every upload fails.",
    check: [
      "`zako_v1_resource_cas_directory_bytes` and how fast it grows.",
      "`zako_v1_resource_disk_total_bytes`, and what else fills the disk.",
      "The probe `resource.heuristics`: it fails for `disk_low` when uploads are about to.",
    ],
    fix: ["Enlarge the disk, or remove blobs that nobody has read for long while the server is stopped."],
  },
  {
    slug: "heuristics-deviate",
    alerts: ["ZakoHeuristicsDeviate"],
    means:
      "A setting that Zako derives from its host (cache size, worker threads, stack size) is not what the rule gives, or is not in force.",
    impact: "The server may use too much or too little of its host.",
    check: [
      "Which value: the label `value`.",
      "The steps of the probe `resource.heuristics`: `derived` is the server's rule, `effective` what it really runs with.",
      "Whether a limit (container, cgroup) hides part of the host, or the setting was made by hand.",
    ],
    fix: ["Correct the setting, or the limit.", "Switch the rule off for the target if it was meant."],
  },
];
