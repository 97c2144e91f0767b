import type { Family } from "../metric.ts";

/** Families that the Alerter feeds. */
export const ALERTER_FAMILIES = [
  {
    name: "zako_watch_alerts",
    type: "gauge",
    help: "Alerts firing, by state: active (notified), muted (nobody is notified) or acknowledged.",
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
    help: "Messages by outcome: delivered, uncertain (withdrawn or replaced, may have arrived) or dead (given up).",
    labels: ["receiver", "channel", "outcome"],
  },
  {
    name: "zako_watch_notification_failures_total",
    type: "counter",
    help: "Delivery attempts that failed or got no answer, by reason; a reason appears with its first failure.",
    labels: ["receiver", "channel", "reason"],
  },
  {
    name: "zako_watch_template_failures_total",
    type: "counter",
    help: "Templates of receivers that came to nothing or failed; the messages went out with the built-in words.",
    labels: ["receiver", "channel"],
  },
  {
    name: "zako_watch_outbox_backlog",
    type: "gauge",
    help: "Messages waiting in the outbox, including those being sent.",
    labels: [],
  },
  {
    name: "zako_watch_outbox_oldest_timestamp_seconds",
    type: "gauge",
    help: "When the oldest message in the outbox was created; absent while the outbox is empty.",
    labels: [],
  },
  {
    name: "zako_watch_dead_letters",
    type: "gauge",
    help: "Messages that were given up and are still kept for inspection.",
    labels: [],
  },
  {
    name: "zako_watch_intakes_total",
    type: "counter",
    help: "Alert reports from Monitors: applied, repeated (already known) or refused.",
    labels: ["result"],
  },
  {
    name: "zako_watch_alerter_start_timestamp_seconds",
    type: "gauge",
    help: "Start of the Durable Object that received the newest alert report. An idle object is evicted after 10 seconds and costs nothing.",
    labels: [],
  },
  {
    name: "zako_watch_dropped_alerts_total",
    type: "counter",
    help: "Alerts rejected because there were too many, or because one was too large.",
    labels: [],
  },
  {
    name: "zako_watch_heartbeats_total",
    type: "counter",
    help: "Outbound heartbeats: sent, failed, or withheld because a part of zako-watch is late.",
    labels: ["result"],
  },
  {
    name: "zako_watch_alerter_generation",
    type: "gauge",
    help: "Generation of the active configuration; a rollback gets a higher number.",
    labels: [],
  },
  {
    name: "zako_watch_alerter_history_backlog",
    type: "gauge",
    help: "Incidents and notifications not yet written to history.",
    labels: [],
  },
] as const satisfies readonly Family[];
