import type { Family } from "../metric.ts";

/** Families that the Alerter feeds. */
export const ALERTER_FAMILIES = [
  {
    name: "zako_watch_alerts",
    type: "gauge",
    help: "Alerts that fire, by whether somebody may be told (active), nobody may (muted), or somebody acts (acknowledged).",
    labels: ["state", "severity"],
  },
  {
    name: "zako_watch_silences",
    type: "gauge",
    help: "Silences that are active or pending.",
    labels: ["state"],
  },
  {
    name: "zako_watch_notifications_total",
    type: "counter",
    help: "Messages that arrived, or were withdrawn or replaced and may have arrived (uncertain), or were given up (dead).",
    labels: ["receiver", "channel", "outcome"],
  },
  {
    name: "zako_watch_notification_failures_total",
    type: "counter",
    help: "Tries that failed or stayed without an answer, by reason; a reason appears with its first failure.",
    labels: ["receiver", "channel", "reason"],
  },
  {
    name: "zako_watch_outbox_backlog",
    type: "gauge",
    help: "Messages on their way.",
    labels: [],
  },
  {
    name: "zako_watch_outbox_oldest_timestamp_seconds",
    type: "gauge",
    help: "When the oldest message on its way was decided on; absent while there is none.",
    labels: [],
  },
  {
    name: "zako_watch_dead_letters",
    type: "gauge",
    help: "Messages that were given up and are still kept for a look.",
    labels: [],
  },
  {
    name: "zako_watch_intakes_total",
    type: "counter",
    help: "Alert reports of Monitors: applied, repeated (known already) or refused.",
    labels: ["result"],
  },
  {
    name: "zako_watch_alerter_start_timestamp_seconds",
    type: "gauge",
    help: "When the object that took the newest alert report was started. An idle one is evicted after 10 seconds and costs nothing.",
    labels: [],
  },
  {
    name: "zako_watch_dropped_alerts_total",
    type: "counter",
    help: "Alerts that were not taken since there were too many, or one was too large.",
    labels: [],
  },
  {
    name: "zako_watch_heartbeats_total",
    type: "counter",
    help: "Outbound heartbeats: sent, failed, or withheld since something of ours is late.",
    labels: ["result"],
  },
  {
    name: "zako_watch_alerter_generation",
    type: "gauge",
    help: "Number of the configuration that is in force; a rollback gets a higher one.",
    labels: [],
  },
  {
    name: "zako_watch_alerter_history_backlog",
    type: "gauge",
    help: "Incidents and notifications that history has not taken yet.",
    labels: [],
  },
] as const satisfies readonly Family[];
