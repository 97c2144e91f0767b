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
    help: "Runs that counted as votes, by outcome. Skipped and blocked runs, and runs from a suspect vantage, do not count.",
    labels: ["target", "probe", "outcome"],
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
    help: "Duration of runs from admission to outcome, over all vantages.",
    labels: ["target", "probe"],
    buckets: DURATION_BUCKETS,
  },
  {
    name: "zako_v1_probe_step_duration_seconds",
    type: "histogram",
    help: "Duration of the steps of runs, over all vantages.",
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
    help: "Hash of the active configuration, its source (deployed or override), and hash of the deployed one; always 1.",
    labels: ["hash", "source", "base"],
  },
  {
    name: "zako_watch_config_override_refusals_total",
    type: "counter",
    help: "Wakes at which an override was rejected, by reason; the active configuration did not change.",
    labels: ["reason"],
  },
  {
    name: "zako_watch_monitor_start_timestamp_seconds",
    type: "gauge",
    help: "Start of the Durable Object that ran the newest tick. An idle object is evicted after 10 seconds and costs nothing; one older than its tick stayed in memory because of requests or unfinished work.",
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
    help: "Slots that were never run: gaps, not failures.",
    labels: [],
  },
  {
    name: "zako_watch_wakes_total",
    type: "counter",
    help: "Wakes by result: ran the slot, joined a running tick, slot already run, or refused because the slot is in the future.",
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
    help: "Runs without a result through a fault of the prober, by reason: no result by the slot's deadline, a bug, a spent budget, a platform limit. A reason appears with its first gap.",
    labels: ["target", "probe", "reason"],
  },
  {
    name: "zako_watch_probe_gap_intervals",
    type: "gauge",
    help: "Consecutive intervals, up to now, in which the probe had no result through a fault of the prober.",
    labels: ["target", "probe"],
  },
  {
    name: "zako_watch_target_gap_probes",
    type: "gauge",
    help: "Critical probes of the target without a result for three or more consecutive intervals, through a fault of the prober. Whether the target works is unknown, or a verdict of down is stale.",
    labels: ["target"],
  },
  {
    name: "zako_watch_vantage_gap_ratio",
    type: "gauge",
    help: "Share of the vantage's runs without a result through a fault of the prober, exponentially weighted over 10 minutes.",
    labels: ["vantage"],
  },
  {
    name: "zako_watch_vantage_suspect",
    type: "gauge",
    help: "Whether the vantage is suspect (1): it sees targets failing that the other vantages see up, so its votes do not count.",
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
    help: "Bytes of canaries written to the target today (UTC).",
    labels: ["target"],
  },
  {
    name: "zako_watch_budget_tokens",
    type: "gauge",
    help: "Tokens issued by the target for probes today (UTC).",
    labels: ["target"],
  },
  {
    name: "zako_watch_readings_refused_total",
    type: "counter",
    help: "Values reported by targets that were rejected, by reason; a reason appears with its first rejection.",
    labels: ["target", "source", "reason"],
  },
  {
    name: "zako_watch_history_backlog_slots",
    type: "gauge",
    help: "Slots with samples not yet written to history.",
    labels: [],
  },
  {
    name: "zako_watch_history_failures_total",
    type: "counter",
    help: "Failed writes to history; they are retried.",
    labels: [],
  },
  {
    name: "zako_watch_history_dropped_slots_total",
    type: "counter",
    help: "Slots dropped without being written to history because the backlog was full.",
    labels: [],
  },
  {
    name: "zako_watch_internal_errors_total",
    type: "counter",
    help: "Bugs of the prober that a run or tick survived, by place.",
    labels: ["place"],
  },
] as const satisfies readonly Family[];
