import type { Rule } from "../../model/alerting/rule.ts";
import { DAY_MS, failedVotes, MINUTE_MS, ofProbe, probed, series, shipped, votes } from "./define.ts";

/** Rules about the CAS service. */
export const CAS_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoCasMissingRatioHigh",
    severity: "warning",
    condition: {
      kind: "ratio",
      numerator: probed("zako_v1_cas_negotiate_missing_blobs_total"),
      denominator: probed("zako_v1_cas_negotiate_requested_blobs_total"),
      windowMs: 10 * MINUTE_MS,
      op: ">",
      // Asked are only blobs that are known to be stored: 0 is healthy.
      value: 0.05,
      minCount: 5,
      whileFailing: ofProbe("cas.negotiate"),
    },
    probes: ["cas.negotiate"],
    summary: "Stored blobs are reported missing",
    description:
      "{{ $labels.target }} reported {{ $value | humanizePercentage }} of the stored blobs that it was asked for as missing within 10 minutes.",
    runbook: "cas-missing-ratio",
  }),
  shipped({
    name: "ZakoCasTransportDetailsErrors",
    severity: "warning",
    condition: {
      kind: "ratio",
      // With another address than expected the call itself went well.
      numerator: failedVotes("cas.details", { op: "!=", value: "address_drift" }),
      denominator: votes("cas.details"),
      windowMs: 30 * MINUTE_MS,
      shortWindowMs: 15 * MINUTE_MS,
      op: ">",
      // Asked every 5 minutes: two of six, of which each failure is put to two other vantages.
      value: 0.15,
      minCount: 4,
    },
    summary: "GetTransportDetails fails often",
    description:
      "{{ $value | humanizePercentage }} of the GetTransportDetails runs against {{ $labels.target }} failed within 30 minutes.",
    runbook: "cas-transport-details-errors",
  }),
  shipped({
    name: "ZakoCasConcurrencyAnomaly",
    severity: "info",
    condition: {
      kind: "anomaly",
      metric: probed("zako_v1_cas_recommended_concurrency"),
      baselineMs: DAY_MS,
      deviations: 4,
      // An hour of minutes: before that there is no "usual".
      minSamples: 60,
    },
    forMs: 10 * MINUTE_MS,
    summary: "Recommended concurrency is unusual",
    description:
      "The concurrency that {{ $labels.target }} recommends differs from its usual value by {{ $value | humanize }}.",
    runbook: "cas-concurrency-anomaly",
  }),
  shipped({
    name: "ZakoCasConnectionsAnomaly",
    severity: "warning",
    condition: {
      kind: "anomaly",
      metric: series("zako_v1_cas_active_connections"),
      baselineMs: DAY_MS,
      deviations: 4,
      // A day of minutes: who begins by night must not take the morning for an anomaly.
      minSamples: 1_440,
    },
    by: ["target", "source"],
    forMs: 10 * MINUTE_MS,
    summary: "Number of connections is unusual",
    description:
      "The number of connections of {{ $labels.target }} differs from its usual value by {{ $value | humanize }}.",
    runbook: "cas-connections-anomaly",
  }),
  shipped({
    name: "ZakoCasConcurrencyMismatch",
    severity: "warning",
    condition: {
      kind: "quotient",
      numerator: series("zako_v1_cas_actual_concurrency"),
      denominator: series("zako_v1_cas_recommended_concurrency"),
      op: ">",
      // Clients that keep to the recommendation stay below 1; twice that is no jitter.
      value: 2,
    },
    by: ["target", "source"],
    forMs: 10 * MINUTE_MS,
    summary: "Far more concurrent transfers than recommended",
    description:
      "{{ $labels.target }} serves {{ $value | humanize }} times as many concurrent transfers as it recommends.",
    runbook: "cas-concurrency-mismatch",
  }),
];
