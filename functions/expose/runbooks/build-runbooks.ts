import type { Runbook } from "../../model/alerting/runbook.ts";

/** Runbooks of the rules about builds and the server's process. */
export const BUILD_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "build-slow",
    alerts: ["ZakoBuildSlow"],
    means: "Builds take longer than half an hour, by what their command lines or a scrape tell.",
    impact: "Nothing is broken; people wait.",
    check: [
      "`zako_v1_cache_hit_ratio`: builds that find little in the cache do the work again.",
      "Latency of transfers, and whether worker queues grow.",
      "Whether one large build is behind it: `zako_v1_build_duration_seconds` by time.",
    ],
    fix: [
      "Mend what slows them, or set the threshold to what your builds take: `rules: { ZakoBuildSlow: { value: 3600 } }`.",
    ],
  },
  {
    slug: "process-memory-high",
    alerts: ["ZakoProcessMemoryHigh"],
    means: "The Zako process takes more than nine tenths of its host's memory.",
    impact: "The kernel may kill it, which looks like a short outage with lost transfers.",
    check: [
      "`zako_v1_cas_tokens_held`: each GetTransportDetails call leaves a token that is never given back.",
      "`zako_v1_resource_cas_cache_capacity_bytes` against its rule, a tenth of the memory and at most 4 GiB.",
      "How `zako_v1_process_resident_memory_bytes` has grown since the last restart.",
    ],
    fix: ["Restart it when nobody builds.", "Give the host more memory, or the cache less."],
  },
  {
    slug: "process-cpu-high",
    alerts: ["ZakoProcessCpuHigh"],
    means: "The Zako process has kept eight cores or more busy for a quarter of an hour.",
    impact: "None by itself; when all cores are busy, latency rises.",
    check: [
      "`zako_v1_resource_cpu_cores`: how much that is of what it has.",
      "Requests and bytes: whether it is load, and from whom.",
      "`zako_v1_resource_context_switches_total`: many with little work done are too many threads.",
    ],
    fix: ["Set the threshold to the size of the host.", "Spread the load over more servers."],
  },
];
