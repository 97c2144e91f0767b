import { DURATION_BUCKETS, type Family } from "../metric.ts";
import { STATES } from "../probing/verdict.ts";

/** Families that every kind of probe feeds, whatever it asks. */
export const PROBE_FAMILIES = [
  {
    name: "zako_v1_probe_success",
    type: "gauge",
    help: "Whether the last run that was neither skipped nor blocked succeeded (1) or failed (0).",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_attempts_total",
    type: "counter",
    help: "Runs that asked the target something, confirmations included.",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_failures_total",
    type: "counter",
    help: "Runs that failed.",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_failures_by_reason_total",
    type: "counter",
    help: "Runs that failed, by reason; a reason appears with its first failure.",
    labels: ["target", "probe", "vantage", "reason"],
  },
  {
    name: "zako_v1_probe_votes_total",
    type: "counter",
    help: "Runs that counted, by outcome: neither skipped nor blocked, and not from a vantage that was suspect in that slot.",
    labels: ["target", "probe", "outcome"],
  },
  {
    name: "zako_v1_probe_skips_total",
    type: "counter",
    help: "Runs that could not be judged, since the target does not offer what was asked; gaps are counted in zako_watch_probe_gaps_total.",
    labels: ["target", "probe", "vantage", "reason"],
  },
  {
    name: "zako_v1_probe_blocked_total",
    type: "counter",
    help: "Runs left out because the root of their dependency group found no server in the same slot.",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_duration_seconds",
    type: "histogram",
    help: "How long runs took from admission to verdict, over all vantages.",
    labels: ["target", "probe"],
    buckets: DURATION_BUCKETS,
  },
  {
    name: "zako_v1_probe_step_duration_seconds",
    type: "histogram",
    help: "How long the steps of a run took, over all vantages.",
    labels: ["target", "probe", "step"],
    buckets: DURATION_BUCKETS,
  },
  {
    name: "zako_v1_probe_step_failures_total",
    type: "counter",
    help: "Steps that failed, by reason; a reason appears with its first failure.",
    labels: ["target", "probe", "step", "reason"],
  },
  {
    name: "zako_v1_probe_retries_total",
    type: "counter",
    help: "Calls sent again at once because the connection was lost before the answer began.",
    labels: ["target", "probe"],
  },
  {
    name: "zako_v1_probe_last_run_timestamp_seconds",
    type: "gauge",
    help: "When the last run ended that was neither skipped nor blocked.",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_last_success_timestamp_seconds",
    type: "gauge",
    help: "When the last run ended that was good, degraded ones included; absent while there was none.",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_state",
    type: "stateset",
    help: "What is believed of the probe over all vantages.",
    labels: ["target", "probe"],
    states: STATES,
  },
  {
    name: "zako_v1_probe_incident_open",
    type: "gauge",
    help: "Whether the probe is in an open incident (1), from down until it has recovered.",
    labels: ["target", "probe"],
  },
  {
    name: "zako_v1_target_state",
    type: "stateset",
    help: "The worst state among the target's critical probes.",
    labels: ["target"],
    states: STATES,
  },
  {
    name: "zako_v1_target_incident_open",
    type: "gauge",
    help: "Whether a critical probe of the target is in an open incident (1).",
    labels: ["target"],
  },
  {
    name: "zako_v1_target_created_timestamp_seconds",
    type: "gauge",
    help: "When the target's counters began at 0; alerting rules need it for series that are younger than their window.",
    labels: ["target"],
  },
] as const satisfies readonly Family[];

/** Families that rules which learn make. */
export const RULE_FAMILIES = [
  {
    name: "zako_v1_rule_baseline_mean",
    type: "gauge",
    help: "What an anomaly rule takes as usual: the exponentially weighted mean of its gauge, before the present value.",
    labels: ["target", "rule", "probe", "vantage", "source", "pool", "value"],
  },
  {
    name: "zako_v1_rule_baseline_deviation",
    type: "gauge",
    help: "The deviation that an anomaly rule measures distances from the mean in.",
    labels: ["target", "rule", "probe", "vantage", "source", "pool", "value"],
  },
] as const satisfies readonly Family[];
