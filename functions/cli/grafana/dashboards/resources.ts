import { type DashboardSpec, DIAGNOSTICS, FULL, gauge, rate, yesNo } from "../spec.ts";

const BY = "target, source";
const R = "zako_v1_resource";

/** The host, and what Zako derives from it. */
export const resources: DashboardSpec = {
  name: "resources",
  title: "Resources",
  description: "The host of a target, the settings that Zako derives from it, its memory cache and its disk.",
  rows: [
    {
      title: "Disk",
      panels: [
        {
          title: "Free disk space",
          good: "well above the limit: the store never deletes.",
          needs: DIAGNOSTICS,
          unit: "bytes",
          width: 12,
          rule: "ZakoDiskLow",
        },
        {
          title: "CAS directory and disk",
          good: "the directory grows slowly, and the free space outlasts your next look.",
          needs: `${DIAGNOSTICS} ${FULL}`,
          unit: "bytes",
          width: 12,
          runbook: "disk-low",
          queries: [
            gauge(`${R}_cas_directory_bytes`, BY, "CAS directory"),
            gauge(`${R}_disk_free_bytes`, BY, "free"),
            gauge(`${R}_disk_total_bytes`, BY, "total"),
          ],
        },
        {
          title: "Disk I/O",
          good: "reads that fall as the memory cache warms up.",
          needs: DIAGNOSTICS,
          unit: "Bps",
          width: 12,
          runbook: "disk-low",
          queries: [
            rate(`${R}_disk_io_read_bytes_total`, BY, "read"),
            rate(`${R}_disk_io_written_bytes_total`, BY, "written"),
          ],
        },
        {
          title: "Context switches",
          good: "proportional to the load. More than that: too many threads.",
          needs: DIAGNOSTICS,
          unit: "cps",
          width: 12,
          runbook: "worker-threads-short",
          queries: [rate(`${R}_context_switches_total`, BY)],
        },
      ],
    },
    {
      title: "Memory cache of the CAS",
      panels: [
        {
          title: "Hit ratio",
          good: "high and steady. It falls when the cache is too small.",
          needs: DIAGNOSTICS,
          unit: "percentunit",
          width: 8,
          runbook: "cache-hit-ratio-low",
          queries: [gauge(`${R}_cas_cache_hit_ratio`, BY)],
        },
        {
          title: "Capacity",
          good: "what the rule derives from the host's memory.",
          needs: DIAGNOSTICS,
          unit: "bytes",
          width: 8,
          runbook: "heuristics-deviate",
          queries: [gauge(`${R}_cas_cache_capacity_bytes`, BY)],
        },
        {
          title: "Time to live and to idle",
          good: "what the rule derives.",
          needs: DIAGNOSTICS,
          unit: "s",
          width: 8,
          runbook: "heuristics-deviate",
          queries: [gauge(`${R}_cas_cache_ttl_seconds`, BY, "TTL"), gauge(`${R}_cas_cache_tti_seconds`, BY, "TTI")],
        },
      ],
    },
    {
      title: "Host and derived settings",
      panels: [
        {
          title: "Deviation of derived settings",
          good: "0 for every setting.",
          needs: DIAGNOSTICS,
          unit: "percentunit",
          width: 12,
          rule: "ZakoHeuristicsDeviate",
        },
        {
          title: "Health check of the settings",
          good: "OK. Skipped by a Zako without diagnostics.",
          needs: DIAGNOSTICS,
          unit: "none",
          width: 12,
          form: "states",
          runbook: "probe-down",
          queries: [gauge("zako_v1_probe_success", "target, vantage", "", { probe: "resource.heuristics" })],
          states: yesNo("OK", "fails", 1),
        },
        {
          title: "Memory of the host",
          good: "as ordered.",
          needs: DIAGNOSTICS,
          unit: "bytes",
          width: 8,
          runbook: "process-memory-high",
          queries: [gauge(`${R}_memory_bytes`, BY)],
        },
        {
          title: "Cores of the host",
          good: "as ordered.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 8,
          runbook: "process-cpu-high",
          queries: [gauge(`${R}_cpu_cores`, BY)],
        },
        {
          title: "Stack size of threads",
          good: "what the rule derives.",
          needs: DIAGNOSTICS,
          unit: "bytes",
          width: 8,
          runbook: "heuristics-deviate",
          queries: [gauge(`${R}_thread_stack_bytes`, BY)],
        },
      ],
    },
  ],
};
