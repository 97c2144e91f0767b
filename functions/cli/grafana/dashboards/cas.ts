import { type DashboardSpec, DIAGNOSTICS, gauge, growth, rate, series, WHEN_IT_HAPPENS, yesNo } from "../spec.ts";

const REQUESTS = "zako_v1_cas_requests_total";
const BASELINE = "zako_v1_rule_baseline";

/** The CAS service. */
export const cas: DashboardSpec = {
  name: "cas",
  title: "CAS",
  description: "The content addressable storage: calls and their codes, missing blobs, concurrency, tokens.",
  rows: [
    {
      title: "Calls",
      panels: [
        {
          title: "Calls by method and code",
          good: "ok, and failed_precondition for the unknown protocol that the probe asks for on purpose.",
          unit: "cps",
          width: 12,
          runbook: "cas-transport-details-errors",
          queries: [rate(REQUESTS, "target, source, method, code")],
        },
        {
          title: "Calls that did not end with ok",
          good: "only failed_precondition, from the probe's own question.",
          unit: "short",
          width: 12,
          runbook: "cas-transport-details-errors",
          queries: [
            [
              `sum by (target, source, code) (increase(${REQUESTS}{target=~"$target", code!="ok"}[15m]))`,
              "{{target}} {{source}} {{code}}",
            ],
          ],
        },
        {
          title: "GetTransportDetails: share of failed runs",
          good: "0.",
          needs: WHEN_IT_HAPPENS,
          unit: "percentunit",
          width: 12,
          rule: "ZakoCasTransportDetailsErrors",
        },
        {
          title: "GetTransportDetails: failures",
          good: "0.",
          unit: "short",
          width: 12,
          runbook: "cas-transport-details-errors",
          queries: [growth("zako_v1_cas_transport_details_failures_total", "target, source", "30m")],
        },
        {
          title: "Health checks of the CAS",
          good: "OK: details are given, stored blobs are present, absent ones are missing.",
          unit: "none",
          width: 24,
          form: "states",
          runbook: "probe-down",
          queries: [
            gauge("zako_v1_probe_success", "target, vantage", "details", { probe: "cas.details" }),
            gauge("zako_v1_probe_success", "target, vantage", "negotiate", { probe: "cas.negotiate" }),
          ],
          states: yesNo("OK", "fails", 1),
        },
      ],
    },
    {
      title: "Missing blobs",
      panels: [
        {
          title: "Missing share of stored blobs",
          good: "0: the probe asks only for blobs that are stored.",
          unit: "percentunit",
          width: 8,
          rule: "ZakoCasMissingRatioHigh",
        },
        {
          title: "Missing ratio, last answer",
          good: "0 for source probe. For scrape and push it is real traffic, where a build of new code misses much.",
          unit: "percentunit",
          width: 8,
          runbook: "cas-missing-ratio",
          queries: [gauge("zako_v1_cas_negotiate_missing_ratio", "target, source")],
        },
        {
          title: "Blobs asked for and missing",
          good: "missing at 0 for source probe.",
          unit: "short",
          width: 8,
          runbook: "cas-missing-ratio",
          queries: [
            growth("zako_v1_cas_negotiate_requested_blobs_total", "target, source", "15m", "asked"),
            growth("zako_v1_cas_negotiate_missing_blobs_total", "target, source", "15m", "missing"),
          ],
        },
      ],
    },
    {
      title: "Concurrency and connections",
      panels: [
        {
          title: "Recommended concurrency",
          good: "flat. It follows from the host's cores.",
          unit: "short",
          width: 8,
          runbook: "cas-concurrency-anomaly",
          queries: [gauge("zako_v1_cas_recommended_concurrency", "target, source")],
        },
        {
          title: "Actual concurrency",
          good: "at or below the recommended one.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 8,
          runbook: "cas-concurrency-mismatch",
          queries: [gauge("zako_v1_cas_actual_concurrency", "target, source")],
        },
        {
          title: "Actual over recommended concurrency",
          good: "at or below 1.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 8,
          rule: "ZakoCasConcurrencyMismatch",
        },
        {
          title: "Recommended concurrency: distance from usual",
          good: "below the limit, in standard deviations.",
          needs: "Empty until the rule has learnt for an hour.",
          unit: "short",
          width: 12,
          rule: "ZakoCasConcurrencyAnomaly",
        },
        {
          title: "Connections: distance from usual",
          good: "below the limit, in standard deviations.",
          needs: `${DIAGNOSTICS} The rule learns for a day first.`,
          unit: "short",
          width: 12,
          rule: "ZakoCasConnectionsAnomaly",
        },
        {
          title: "Open connections",
          good: "follows the working day.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          runbook: "cas-connections-anomaly",
          queries: [gauge("zako_v1_cas_active_connections", "target, source")],
        },
        {
          title: "Learnt baselines",
          good: "steady means with small deviations.",
          needs: "Empty until an anomaly rule has learnt its first values.",
          unit: "short",
          width: 12,
          runbook: "cas-concurrency-anomaly",
          queries: [
            [
              `max by (target, rule, source, pool, probe, value) (${series(`${BASELINE}_mean`)})`,
              "{{target}} {{rule}} mean",
            ],
            [
              `max by (target, rule, source, pool, probe, value) (${series(`${BASELINE}_deviation`)})`,
              "{{target}} {{rule}} deviation",
            ],
          ],
        },
        {
          title: "Tokens issued",
          good: "steady. For source probe, about one for each run of cas.details.",
          unit: "short",
          width: 12,
          runbook: "cas-connections-anomaly",
          queries: [growth("zako_v1_cas_tokens_issued_total", "target, source", "1h")],
        },
        {
          title: "Tokens in the server's memory",
          good: "not rising for ever: today's Zako never drops a token.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          runbook: "cas-connections-anomaly",
          queries: [gauge("zako_v1_cas_tokens_held", "target, source")],
        },
      ],
    },
  ],
};
