import { DURATION_BUCKETS, type Family } from "../metric.ts";
import { STATES } from "../probing/verdict.ts";

/** Families that every kind of probe feeds. */
export const PROBE_FAMILIES = [
  {
    name: "zako_v1_probe_success",
    type: "gauge",
    help: "Whether the last run succeeded (1) or failed (0); skipped and blocked runs do not count.",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_attempts_total",
    type: "counter",
    help: "Runs that sent a request to the target, including confirmations.",
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
    help: "Votes outside incidents of the probe, by outcome: runs that were neither skipped nor blocked, from vantages that were not suspect.",
    labels: ["target", "probe", "outcome"],
  },
  {
    name: "zako_v1_probe_failed_votes_total",
    type: "counter",
    help: "Failed votes outside incidents of the probe, by reason; a reason appears with its first failure.",
    labels: ["target", "probe", "reason"],
  },
  {
    name: "zako_v1_probe_skips_total",
    type: "counter",
    help: "Runs skipped because the target does not offer what the probe asks for. Gaps are counted in zako_watch_probe_gaps_total.",
    labels: ["target", "probe", "vantage", "reason"],
  },
  {
    name: "zako_v1_probe_blocked_total",
    type: "counter",
    help: "Runs not made because the root of their dependency group did not reach the server in the same slot.",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_duration_seconds",
    type: "histogram",
    help: "Duration of runs from their first request to the outcome, over all vantages. Waiting for a connection and the prober's own computing are not in it; a lost first attempt is.",
    labels: ["target", "probe"],
    buckets: DURATION_BUCKETS,
  },
  {
    name: "zako_v1_probe_step_duration_seconds",
    type: "histogram",
    help: "Duration of the steps of runs, over all vantages, without the prober's own computing.",
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
    help: "Calls retried at once because the connection was lost before the answer began.",
    labels: ["target", "probe"],
  },
  {
    name: "zako_v1_probe_last_run_timestamp_seconds",
    type: "gauge",
    help: "End of the last run that was neither skipped nor blocked.",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_last_success_timestamp_seconds",
    type: "gauge",
    help: "End of the last successful run, degraded ones included; absent before the first.",
    labels: ["target", "probe", "vantage"],
  },
  {
    name: "zako_v1_probe_state",
    type: "stateset",
    help: "State of the probe, judged over all vantages.",
    labels: ["target", "probe"],
    states: STATES,
  },
  {
    name: "zako_v1_probe_incident_open",
    type: "gauge",
    help: "Whether the probe has an open incident (1), from down until recovery.",
    labels: ["target", "probe"],
  },
  {
    name: "zako_v1_probe_failing",
    type: "gauge",
    help: "Whether a run of the probe's newest evaluation failed, wholly or in a minor step (1). Runs from suspect vantages do not count.",
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
    help: "Whether a critical probe of the target has an open incident (1).",
    labels: ["target"],
  },
  {
    name: "zako_v1_target_votes_total",
    type: "counter",
    help: "Votes of the target's critical probes of its services, by outcome and whether an incident of the probe was open. The error budget counts these.",
    labels: ["target", "outcome", "incident"],
  },
  {
    name: "zako_v1_target_created_timestamp_seconds",
    type: "gauge",
    help: "When the target's counters started at 0; alerting rules need it for series younger than their window.",
    labels: ["target"],
  },
] as const satisfies readonly Family[];

/** Families of rules that learn a baseline. */
export const RULE_FAMILIES = [
  {
    name: "zako_v1_rule_baseline_mean",
    type: "gauge",
    help: "Baseline of an anomaly rule: the exponentially weighted mean of its gauge, without the current value.",
    labels: ["target", "rule", "probe", "vantage", "source", "pool", "value"],
  },
  {
    name: "zako_v1_rule_baseline_deviation",
    type: "gauge",
    help: "Exponentially weighted standard deviation that an anomaly rule compares with.",
    labels: ["target", "rule", "probe", "vantage", "source", "pool", "value"],
  },
] as const satisfies readonly Family[];
