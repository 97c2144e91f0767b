import type { Rule } from "../../model/alerting/rule.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, series, shipped } from "./define.ts";

/** Rules about builds and the processes that serve them; nothing but scrapes and pushes tells of builds. */
export const BUILD_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoBuildSlow",
    severity: "info",
    condition: {
      kind: "quantile",
      histogram: series("zako_v1_build_duration_seconds"),
      quantile: 0.95,
      // Long enough for 20 builds of a small team: below them the quantile is the one slowest.
      windowMs: DAY_MS,
      shortWindowMs: 2 * HOUR_MS,
      op: ">",
      value: 1_800,
      minCount: 20,
    },
    forMs: 15 * MINUTE_MS,
    summary: "Builds are slow",
    description:
      "5 % of the builds that use {{ $labels.target }} took {{ $value | humanizeDuration }} or longer within a day.",
    runbook: "build-slow",
  }),
  shipped({
    name: "ZakoProcessMemoryHigh",
    severity: "warning",
    condition: {
      kind: "quotient",
      numerator: series("zako_v1_process_resident_memory_bytes"),
      denominator: series("zako_v1_resource_memory_bytes"),
      op: ">",
      // Beyond it the kernel begins to look for somebody to kill.
      value: 0.9,
    },
    by: ["target", "source"],
    forMs: 15 * MINUTE_MS,
    summary: "Server uses nearly all memory of its host",
    description: "{{ $labels.target }} uses {{ $value | humanizePercentage }} of its host's memory.",
    runbook: "process-memory-high",
  }),
  shipped({
    name: "ZakoProcessCpuHigh",
    severity: "info",
    condition: {
      kind: "rate",
      counter: series("zako_v1_process_cpu_seconds_total"),
      windowMs: 15 * MINUTE_MS,
      shortWindowMs: 5 * MINUTE_MS,
      op: ">",
      // Eight cores that are busy all the time; a host of another size needs another number.
      value: 8 * 15 * 60,
    },
    by: ["target", "source"],
    forMs: 15 * MINUTE_MS,
    summary: "Server uses much CPU",
    description: "{{ $labels.target }} used {{ $value | humanize }} s of CPU time within 15 minutes.",
    runbook: "process-cpu-high",
  }),
];
