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
    name: "zako_v1_probe_failing",
    type: "gauge",
    help: "Whether a run of the probe's newest evaluation failed, wholly or in a minor step (1); runs from suspect vantages do not count.",
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
    name: "zako_v1_target_votes_total",
    type: "counter",
    help: "Votes of the target's critical probes of its services, by outcome and whether an incident of the probe was open: what its error budget counts.",
    labels: ["target", "outcome", "incident"],
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

/** Families about the prober itself. */
export const SELF_FAMILIES = [
  {
    name: "zako_watch_build_info",
    type: "gauge",
    help: "Version of the prober and hash of its configuration; always 1.",
    labels: ["version", "config"],
  },
  {
    name: "zako_watch_config_info",
    type: "gauge",
    help: "Hash of the configuration in force, whether it is the deployed one or an override, and hash of the deployed one; always 1.",
    labels: ["hash", "source", "base"],
  },
  {
    name: "zako_watch_config_override_refusals_total",
    type: "counter",
    help: "Wakes at which an override was not taken over, by reason; what was in force stays so.",
    labels: ["reason"],
  },
  {
    name: "zako_watch_monitor_start_timestamp_seconds",
    type: "gauge",
    help: "When the object that ran the newest tick was started. An idle one is evicted after 10 seconds and costs nothing; one that is older than its tick has stayed, because it was asked something or still had something to do.",
    labels: [],
  },
  {
    name: "zako_watch_last_tick_timestamp_seconds",
    type: "gauge",
    help: "When the last tick was committed.",
    labels: [],
  },
  {
    name: "zako_watch_last_slot_timestamp_seconds",
    type: "gauge",
    help: "Start of the newest slot that was run.",
    labels: [],
  },
  { name: "zako_watch_ticks_total", type: "counter", help: "Ticks committed.", labels: [] },
  {
    name: "zako_watch_tick_duration_seconds",
    type: "histogram",
    help: "How long ticks took from claim to commit.",
    labels: [],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60],
  },
  {
    name: "zako_watch_tick_lag_seconds",
    type: "gauge",
    help: "How long after the start of its slot the last tick began.",
    labels: [],
  },
  {
    name: "zako_watch_missed_slots_total",
    type: "counter",
    help: "Slots that no waker ran: gaps, not failures.",
    labels: [],
  },
  {
    name: "zako_watch_wakes_total",
    type: "counter",
    help: "Wakes by what became of them: run, joined a running tick, already run, refused as from the future.",
    labels: ["waker", "result"],
  },
  {
    name: "zako_watch_lost_results_total",
    type: "counter",
    help: "Runs whose result was missing at the tick's deadline (gap) or came after it (late).",
    labels: ["kind"],
  },
  {
    name: "zako_watch_probe_gaps_total",
    type: "counter",
    help: "Runs without a vote through the prober's own fault, by reason: no result by the slot's deadline, a bug, a budget that is spent, a limit of the platform; a reason appears with its first gap.",
    labels: ["target", "probe", "reason"],
  },
  {
    name: "zako_watch_probe_gap_intervals",
    type: "gauge",
    help: "Intervals in a row, up to now, in which the probe had no result through the prober's own fault.",
    labels: ["target", "probe"],
  },
  {
    name: "zako_watch_target_gap_probes",
    type: "gauge",
    help: "Critical probes of the target that had no result for three intervals in a row or longer, through the prober's own fault: whether the target works is not known, or a verdict of down is stale.",
    labels: ["target"],
  },
  {
    name: "zako_watch_vantage_gap_ratio",
    type: "gauge",
    help: "Share of the vantage's runs that had no result through the prober's own fault, exponentially weighted over 10 minutes.",
    labels: ["vantage"],
  },
  {
    name: "zako_watch_vantage_suspect",
    type: "gauge",
    help: "Whether the vantage alone fails where others see the same targets up (1), so that it has no vote.",
    labels: ["vantage"],
  },
  {
    name: "zako_watch_vantage_last_answer_timestamp_seconds",
    type: "gauge",
    help: "When the vantage last delivered results.",
    labels: ["vantage"],
  },
  {
    name: "zako_watch_budget_written_bytes",
    type: "gauge",
    help: "Bytes of canaries written into the target today (UTC).",
    labels: ["target"],
  },
  {
    name: "zako_watch_budget_tokens",
    type: "gauge",
    help: "Tokens the target was made to mint today (UTC).",
    labels: ["target"],
  },
  {
    name: "zako_watch_readings_refused_total",
    type: "counter",
    help: "Numbers that targets told of themselves and that were not taken over, by reason; a reason appears with its first.",
    labels: ["target", "source", "reason"],
  },
  {
    name: "zako_watch_history_backlog_slots",
    type: "gauge",
    help: "Slots whose samples history has not taken yet.",
    labels: [],
  },
  {
    name: "zako_watch_history_failures_total",
    type: "counter",
    help: "Shipments that history refused; they are sent again.",
    labels: [],
  },
  {
    name: "zako_watch_history_dropped_slots_total",
    type: "counter",
    help: "Slots dropped unshipped because the backlog was full.",
    labels: [],
  },
  {
    name: "zako_watch_internal_errors_total",
    type: "counter",
    help: "Errors of the prober's own making that a run or tick survived.",
    labels: ["place"],
  },
] as const satisfies readonly Family[];
