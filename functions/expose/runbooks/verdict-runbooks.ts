import type { Runbook } from "../../model/alerting/runbook.ts";

export const VERDICT_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "target-down",
    alerts: ["ZakoTargetDown"],
    means:
      "A critical probe of the target has failed in two of its last three runs from a majority of vantages. An immediate confirmation run failed too.",
    impact: "Builds that use this Zako cannot negotiate, read or write blobs reliably. Treat it as an outage.",
    check: [
      "Which probe and reason: `zako_v1_probe_failures_by_reason_total` of the target. `connect`, `timeout`, `tls`, `dns` and `edge` point to the network path, `rpc_...` to the server, `corrupt` and `truncated` to stored data.",
      "Whether all vantages see it fail: `zako_v1_probe_success`. If only some do, the network path from there is broken.",
      "Whether other targets on the same host or front end are down too.",
      "The logs of the server and its front end (tonic-web layer, Envoy, gateway) since the time in the alert.",
    ],
    fix: [
      "Fix what the reason names: restart the server or its front end, renew a certificate, free disk space.",
      "The alert resolves by itself after three successful runs in a row.",
    ],
  },
  {
    slug: "target-regional",
    alerts: ["ZakoTargetRegional"],
    means: "The target fails from some vantages, but from fewer than a majority.",
    impact: "Builds near those regions may fail. Builds elsewhere are not affected.",
    check: [
      "Which vantages: `zako_v1_probe_success == 0` of the target.",
      "Whether other targets fail from those vantages too. If so, the network there is at fault, not the target.",
      "Firewalls, geographic load balancing, and DNS that answers differently by region.",
    ],
    fix: [
      "Route traffic of that region elsewhere, or wait for the network to recover.",
      "The alert resolves when those vantages succeed again.",
    ],
  },
  {
    slug: "target-degraded",
    alerts: ["ZakoTargetDegraded"],
    means: "The target answers correctly, but slower than `degraded_after`, or a minor step fails.",
    impact: "Builds are slower than usual. No data is lost.",
    check: [
      "Which step is slow or fails: `zako_v1_probe_step_duration_seconds` and `zako_v1_probe_step_failures_total`.",
      "Load, disk and network of the server.",
      "Whether `degraded_after` fits the distance between vantage and target.",
    ],
    fix: [
      "Reduce the load, or fix the failing step.",
      "Raise `degraded_after` of the probe if this is its normal duration.",
    ],
  },
  {
    slug: "target-unknown",
    alerts: ["ZakoTargetUnknown"],
    means: "Too few probes of the target have had a recent result to judge it. It may be up or down.",
    impact: "An outage would be detected late. Nothing indicates one.",
    check: [
      "Whether all its probes are skipped: `zako_v1_probe_skips_total` names the reason.",
      "Whether probing continues at all: `/healthz`, `zako_watch_missed_slots_total`, `zako_watch_lost_results_total`.",
      "Whether the daily budgets of the target are used up: `zako_watch_budget_written_bytes`, `zako_watch_budget_tokens`.",
    ],
    fix: ["Enable a probe that the server supports, or raise the budget.", "Add lanes where results are lost."],
  },
  {
    slug: "probe-down",
    alerts: ["ZakoProbeDown"],
    means:
      "One probe of the target fails from a majority of vantages. The target itself is down only if the probe is critical.",
    impact: "The function that the probe tests does not work: see its name.",
    check: [
      "The reason: `zako_v1_probe_failures_by_reason_total` of the probe, and the failing step in `zako_v1_probe_step_failures_total`.",
      "Whether a probe earlier in the dependency group fails too (`health`, then CAS, then Transport): fix the earliest one first.",
      "Whether the server offers this function at all. If not, disable the probe in `watch.yaml`.",
    ],
    fix: ["Fix what the reason names.", "The alert resolves after three successful runs in a row."],
  },
  {
    slug: "error-budget-burn",
    alerts: ["ZakoErrorBudgetBurnFast", "ZakoErrorBudgetBurnSlow"],
    means:
      "More probes of the target fail than its objective allows. Fast: at this rate, a month's error budget is used up within about two days (an hour at 14.4 times, or six hours at 6 times the allowed rate). Slow: failures have exceeded the allowed rate for three days.",
    impact: "Fast: users are affected now. Slow: without an outage, the objective will still be missed.",
    check: [
      "Which probes fail: `zako_v1_probe_failures_total` by `probe` and `vantage`. What counts is `zako_v1_probe_votes_total`: runs from a suspect vantage do not count.",
      "Since when, and what changed then: a release, a certificate, a new region.",
      "Whether it is one long failure or many short ones. Many short ones are often restarts, timeouts under load or a bad instance behind a load balancer.",
    ],
    fix: [
      "Fix the most frequent reason first.",
      "Lower the objective with an override if it demands more than the service promises.",
    ],
  },
];
