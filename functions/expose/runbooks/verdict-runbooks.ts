import type { Runbook } from "../../model/alerting/runbook.ts";

export const VERDICT_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "target-down",
    alerts: ["ZakoTargetDown"],
    means:
      "A critical probe of the target has failed in two of its last three runs from a majority of vantages, and a second try at once has failed too.",
    impact:
      "Builds that use this Zako cannot negotiate, read or write blobs, or do so with errors. Treat it as an outage.",
    check: [
      "Which probe and reason: `zako_v1_probe_failures_by_reason_total` of the target. `connect`, `timeout`, `tls`, `dns` and `edge` point at the way there, `rpc_...` at the server, `corrupt` and `truncated` at stored data.",
      "Whether all vantages say so: `zako_v1_probe_success`. When only some do, the way from there is broken.",
      "Whether other targets on the same host or front are down too.",
      "The server's own log and its front (tonic-web layer, Envoy, gateway) since the time in the alert.",
    ],
    fix: [
      "Mend what the reason names: restart the server or its front, renew a certificate, free the disk.",
      "The alert ends by itself after three good runs in a row.",
    ],
  },
  {
    slug: "target-regional",
    alerts: ["ZakoTargetRegional"],
    means: "The target fails from some vantages, but from fewer than a majority.",
    impact: "Builds near those regions may fail; the others do not notice.",
    check: [
      "Which vantages: `zako_v1_probe_success == 0` of the target.",
      "Whether those vantages fail for other targets too. If so the network there is at fault, not the target.",
      "Firewalls, geographic load balancing and DNS that answer differently by region.",
    ],
    fix: [
      "Steer traffic of that region elsewhere, or wait for the network.",
      "It ends when those vantages succeed again.",
    ],
  },
  {
    slug: "target-degraded",
    alerts: ["ZakoTargetDegraded"],
    means: "The target answers rightly, but slower than `degraded_after`, or a step that is not critical fails.",
    impact: "Builds are slower than they could be. Nothing is lost.",
    check: [
      "Which step is slow or fails: `zako_v1_probe_step_duration_seconds` and `zako_v1_probe_step_failures_total`.",
      "Load, disk and network of the server.",
      "Whether `degraded_after` fits the distance between vantage and target.",
    ],
    fix: ["Take load away or mend the step.", "Raise `degraded_after` of the probe if this is how it always is."],
  },
  {
    slug: "target-unknown",
    alerts: ["ZakoTargetUnknown"],
    means: "Too few probes of the target have given an answer lately to say how it is. It may be up or down.",
    impact: "An outage would be seen late. Nothing says that there is one.",
    check: [
      "Whether all its probes are skipped: `zako_v1_probe_skips_total` names the reason.",
      "Whether probing goes on at all: `/healthz`, `zako_watch_missed_slots_total`, `zako_watch_lost_results_total`.",
      "Whether the daily budgets of the target are used up: `zako_watch_budget_written_bytes`, `zako_watch_budget_tokens`.",
    ],
    fix: ["Enable a probe that the server can answer, or raise the budget.", "Add lanes where results are lost."],
  },
  {
    slug: "probe-down",
    alerts: ["ZakoProbeDown"],
    means:
      "One probe of the target fails from a majority of vantages. The target itself is down only if the probe is critical.",
    impact: "What the probe asks for does not work: see its name.",
    check: [
      "The reason: `zako_v1_probe_failures_by_reason_total` of the probe, and the failing step in `zako_v1_probe_step_failures_total`.",
      "Whether an earlier step of the ladder fails too (`health`, then CAS, then Transport): mend the lowest first.",
      "Whether the server offers this at all. If not, switch the probe off in `watch.yaml`.",
    ],
    fix: ["Mend what the reason names.", "It ends after three good runs in a row."],
  },
  {
    slug: "error-budget-burn",
    alerts: ["ZakoErrorBudgetBurnFast", "ZakoErrorBudgetBurnSlow"],
    means:
      "More probes of the target fail than its objective allows. Fast: at this rate a month's budget is gone within about two days (an hour at 14.4 times, or six hours at 6 times the allowed rate). Slow: three days at more than the allowed rate.",
    impact: "Fast: users notice now. Slow: no outage, but the objective will be missed.",
    check: [
      "Which probes fail: `zako_v1_probe_failures_total` by `probe` and `vantage`. What counts is `zako_v1_probe_votes_total`: runs from a vantage that was suspect are left out.",
      "Since when, and what was changed then: a release, a certificate, a new region.",
      "Whether it is one long failure or many short ones. Many short ones are often restarts, timeouts under load or a bad instance behind a load balancer.",
    ],
    fix: [
      "Mend the most frequent reason first.",
      "Change the objective with an override if it asks for more than the service promises.",
    ],
  },
];
