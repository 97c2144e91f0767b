import { LOCATIONS_AS_OF } from "../location-hints.ts";
import type { Family } from "../metric.ts";
import { COARSE_FAMILIES } from "./coarse-families.ts";

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
    name: "zako_watch_tokens_refused_total",
    type: "counter",
    help: "Tokens that were refused, by what they were to open (api, metrics, pages, push) and by reason: wrong, or slowed (too many wrong ones from the same address). In the Monitor of shard 0.",
    labels: ["route", "reason"],
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
    name: "zako_watch_vantage_info",
    type: "gauge",
    help: `Where the vantage's probers really run: colo and country of Cloudflare's data centre; always 1, one series for each colo. The country is unknown for a colo that was not in Cloudflare's list on ${LOCATIONS_AS_OF}.`,
    labels: ["vantage", "colo", "country"],
  },
  {
    name: "zako_watch_vantage_misplaced_probers",
    type: "gauge",
    help: "Probers of the vantage that run elsewhere than asked. Each is replaced by a new one, at most once a day.",
    labels: ["vantage"],
  },
  {
    name: "zako_watch_prober_queue_seconds",
    type: "histogram",
    help: "How long runs waited for one of the six connections of their prober. It is not in any duration: much of it means that there are too few lanes or shards.",
    labels: ["vantage"],
    buckets: [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30],
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
  ...Object.values(COARSE_FAMILIES),
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
