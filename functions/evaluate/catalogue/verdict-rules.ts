import type { Rule } from "../../model/alerting/rule.ts";
import { MINUTE_MS, series, shipped } from "./define.ts";

/** Verdicts have been through quorum, streak and confirmation already, so the bad ones wait for nothing more. */
export const VERDICT_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoTargetDown",
    severity: "critical",
    condition: { kind: "verdict", of: "target", state: "down" },
    summary: "A Zako target is down.",
    description: "A critical probe of {{ $labels.target }} fails from a majority of vantages, and has been confirmed.",
    runbook: "target-down",
  }),
  shipped({
    name: "ZakoTargetRegional",
    severity: "warning",
    condition: { kind: "verdict", of: "target", state: "regional" },
    keepFiringForMs: 5 * MINUTE_MS,
    summary: "A Zako target fails from some regions.",
    description: "{{ $labels.target }} fails from fewer vantages than a majority; from the others it works.",
    runbook: "target-regional",
  }),
  shipped({
    name: "ZakoTargetDegraded",
    severity: "warning",
    condition: { kind: "verdict", of: "target", state: "degraded" },
    // A slow minute is no news; ten are.
    forMs: 10 * MINUTE_MS,
    keepFiringForMs: 5 * MINUTE_MS,
    summary: "A Zako target works, but slowly or in part.",
    description:
      "Probes of {{ $labels.target }} have been slow, or a step that is not critical has failed, for 10 minutes.",
    runbook: "target-degraded",
  }),
  shipped({
    name: "ZakoTargetUnknown",
    severity: "warning",
    condition: { kind: "verdict", of: "target", state: "unknown" },
    // Longer than two and a half intervals of the slowest probe of the default set that decides quickly.
    forMs: 15 * MINUTE_MS,
    summary: "Nothing is known of a Zako target.",
    description: "Too few probes of {{ $labels.target }} have given an answer for 15 minutes to say how it is.",
    runbook: "target-unknown",
  }),
  shipped({
    name: "ZakoProbeDown",
    severity: "warning",
    condition: { kind: "verdict", of: "probe", state: "down" },
    by: ["target", "probe"],
    summary: "A probe of a Zako target fails.",
    description:
      "{{ $labels.probe }} of {{ $labels.target }} fails from a majority of vantages, and has been confirmed.",
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
    keepFiringForMs: 5 * MINUTE_MS,
    summary: "A vantage fails where others see the targets up.",
    description: "{{ $labels.vantage }} has had no vote for 5 minutes: from there targets fail that others reach.",
    runbook: "vantage-suspect",
  }),
];
