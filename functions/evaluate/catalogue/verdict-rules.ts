import type { Rule } from "../../model/alerting/rule.ts";
import { MINUTE_MS, series, shipped } from "./define.ts";

/** Verdicts have been through quorum, streak and confirmation already, so the bad ones wait for nothing more. */
export const VERDICT_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoTargetDown",
    severity: "critical",
    condition: { kind: "verdict", of: "target", state: "down" },
    summary: "Target is down",
    description: "{{ $labels.target }} is down.",
    runbook: "target-down",
  }),
  shipped({
    name: "ZakoTargetRegional",
    severity: "warning",
    condition: { kind: "verdict", of: "target", state: "regional" },
    summary: "Target fails from some regions",
    description: "{{ $labels.target }} fails from some regions and works from the others.",
    runbook: "target-regional",
  }),
  shipped({
    name: "ZakoTargetDegraded",
    severity: "warning",
    condition: { kind: "verdict", of: "target", state: "degraded" },
    // A slow minute is no news; ten are.
    forMs: 10 * MINUTE_MS,
    summary: "Target is degraded",
    description: "{{ $labels.target }} has worked only slowly or in part for 10 minutes.",
    runbook: "target-degraded",
  }),
  shipped({
    name: "ZakoTargetUnknown",
    severity: "warning",
    condition: { kind: "verdict", of: "target", state: "unknown" },
    // Longer than two and a half intervals of the slowest probe of the default set that decides quickly.
    forMs: 15 * MINUTE_MS,
    summary: "Target state is unknown",
    description: "Too few probes of {{ $labels.target }} have had a result for 15 minutes to tell whether it works.",
    runbook: "target-unknown",
  }),
  shipped({
    name: "ZakoProbeDown",
    severity: "warning",
    condition: { kind: "verdict", of: "probe", state: "down" },
    by: ["target", "probe"],
    summary: "{{ $labels.probe }} is down",
    description: "{{ $labels.probe }} of {{ $labels.target }} is down.",
    runbook: "probe-down",
  }),
  shipped({
    name: "ZakoVantageSuspect",
    severity: "warning",
    condition: {
      kind: "threshold",
      metric: series("zako_watch_vantage_suspect"),
      aggregate: "max",
      op: ">",
      value: 0,
    },
    by: ["vantage"],
    forMs: 5 * MINUTE_MS,
    summary: "Vantage fails where others see the targets up",
    description:
      "Targets fail from {{ $labels.vantage }} that other vantages reach, so it has had no vote for 5 minutes.",
    runbook: "vantage-suspect",
  }),
];
