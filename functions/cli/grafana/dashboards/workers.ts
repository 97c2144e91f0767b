import { type DashboardSpec, DIAGNOSTICS, FULL, gauge, growth, mean, quantiles, rate, yesNo } from "../spec.ts";

const POOL = "target, source, pool";
const WAIT = "zako_v1_worker_queue_wait_seconds";
const TASK = "zako_v1_worker_task_duration_seconds";
const GC = "zako_v1_worker_gc_duration_seconds";
const BOTH = `${DIAGNOSTICS} ${FULL}`;

/** Worker pools. */
export const workers: DashboardSpec = {
  name: "workers",
  title: "Worker pools",
  description: "Pools that run V8 and OXC tasks: threads, queues, idle timeouts, garbage collection.",
  rows: [
    {
      title: "Threads and queues",
      panels: [
        {
          title: "Threads",
          good: "active between min and max, busy below active.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          runbook: "worker-threads-short",
          queries: [
            gauge("zako_v1_worker_active_threads", POOL, "active"),
            gauge("zako_v1_worker_busy_threads", POOL, "busy"),
            gauge("zako_v1_worker_min_threads", POOL, "min"),
            gauge("zako_v1_worker_max_threads", POOL, "max"),
          ],
        },
        {
          title: "Queue length",
          good: "0 most of the time.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          runbook: "worker-queue-growing",
          queries: [gauge("zako_v1_worker_queue_length", POOL)],
        },
        {
          title: "Growth of the queue",
          good: "around 0.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          rule: "ZakoWorkerQueueGrowing",
        },
        {
          title: "Waiting tasks per thread",
          good: "below 1.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          rule: "ZakoWorkerThreadsShort",
        },
        {
          title: "Time in the queue",
          good: "milliseconds.",
          needs: BOTH,
          unit: "s",
          width: 12,
          runbook: "worker-queue-growing",
          queries: quantiles(WAIT, POOL, "1h"),
        },
        {
          title: "Time of tasks",
          good: "flat.",
          needs: BOTH,
          unit: "s",
          width: 12,
          runbook: "worker-queue-growing",
          queries: quantiles(TASK, POOL, "1h"),
        },
        {
          title: "Mean wait and run time",
          good: "the wait is a small part of the run time.",
          needs: DIAGNOSTICS,
          unit: "s",
          width: 12,
          runbook: "worker-queue-growing",
          queries: [
            [mean(WAIT, POOL, "15m")[0], "{{target}} {{source}} {{pool}} waits"],
            [mean(TASK, POOL, "15m")[0], "{{target}} {{source}} {{pool}} runs"],
          ],
        },
        {
          title: "Health checks of the pools",
          good: "OK: a trivial task runs, a GC broadcast reaches every thread. Skipped by a Zako without diagnostics.",
          needs: DIAGNOSTICS,
          unit: "none",
          width: 12,
          form: "states",
          runbook: "probe-down",
          queries: [
            gauge("zako_v1_probe_success", "target, vantage", "submit", { probe: "worker.submit" }),
            gauge("zako_v1_probe_success", "target, vantage", "gc", { probe: "worker.gc" }),
          ],
          states: yesNo("OK", "fails", 1),
        },
      ],
    },
    {
      title: "Idle timeouts and garbage collection",
      panels: [
        {
          title: "Idle timeouts",
          good: "few: threads find work.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          rule: "ZakoWorkerIdleTimeoutsFrequent",
        },
        {
          title: "Idle timeouts per second",
          good: "near 0.",
          needs: DIAGNOSTICS,
          unit: "cps",
          width: 12,
          runbook: "worker-idle-timeouts",
          queries: [rate("zako_v1_worker_idle_timeouts_total", POOL)],
        },
        {
          title: "GC broadcasts: P95",
          good: "below the limit.",
          needs: DIAGNOSTICS,
          unit: "s",
          width: 12,
          rule: "ZakoWorkerGcSlow",
        },
        {
          title: "GC broadcasts: quantiles",
          good: "flat.",
          needs: BOTH,
          unit: "s",
          width: 12,
          runbook: "worker-gc-slow",
          queries: quantiles(GC, POOL, "6h"),
        },
        {
          title: "GC broadcasts",
          good: "steady.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          runbook: "worker-gc-slow",
          queries: [growth("zako_v1_worker_gc_runs_total", POOL, "1h")],
        },
        {
          title: "Share of time spent on GC",
          good: "a few percent.",
          needs: BOTH,
          unit: "percentunit",
          width: 12,
          runbook: "worker-gc-slow",
          queries: [rate("zako_v1_worker_gc_seconds_total", POOL)],
        },
      ],
    },
  ],
};
