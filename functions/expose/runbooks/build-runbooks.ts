import type { Runbook } from "../../model/alerting/runbook.ts";

/** Runbooks of the rules about builds and the server's process. */
export const BUILD_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "build-slow",
    alerts: ["ZakoBuildSlow"],
    means: "Builds take longer than half an hour, according to pushed or scraped metrics.",
    impact: "Nothing is broken, but people wait for their builds.",
    check: [
      "`zako_v1_cache_hit_ratio`: builds with few cache hits repeat work.",
      "Transfer latency, and whether worker queues are growing.",
      "Whether one large build is the cause: `zako_v1_build_duration_seconds` over time.",
    ],
    fix: [
      "Fix what slows the builds, or set the threshold to what your builds normally take: `rules: { ZakoBuildSlow: { value: 3600 } }`.",
    ],
  },
  {
    slug: "process-memory-high",
    alerts: ["ZakoProcessMemoryHigh"],
    means: "The Zako process uses more than 90 % of its host's memory.",
    impact: "The kernel may kill it, which looks like a short outage with lost transfers.",
    check: [
      "`zako_v1_cas_tokens_held`: each GetTransportDetails call leaves a token that is never freed.",
      "`zako_v1_resource_cas_cache_capacity_bytes` against its rule: 10 % of the memory, at most 4 GiB.",
      "How `zako_v1_process_resident_memory_bytes` has grown since the last restart.",
    ],
    fix: ["Restart it while no builds are running.", "Give the host more memory, or reduce the cache."],
  },
  {
    slug: "process-cpu-high",
    alerts: ["ZakoProcessCpuHigh"],
    means: "The Zako process has kept eight cores or more busy for a quarter of an hour.",
    impact: "None by itself. When all cores are busy, latency rises.",
    check: [
      "`zako_v1_resource_cpu_cores`: how many cores the host has.",
      "Request and byte rates: whether load is the cause, and which clients send it.",
      "`zako_v1_resource_context_switches_total`: many switches with little work done point to too many threads.",
    ],
    fix: ["Adjust the threshold to the size of the host.", "Spread the load over more servers."],
  },
];
