import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Incident } from "../../proto/gen/watch/v1/alerting_pb.ts";
import { type Entry, stateOf } from "./messages.ts";

/** An outage as the script made it; epoch ms. */
export interface Outage {
  killedAt: number;
  /** When the target was ready to serve again. */
  servedAt: number;
}

/** What one message says of one alert. */
export interface Notification {
  /** When it arrived, epoch ms. */
  at: number;
  status: string;
}

interface WebhookBody {
  alerts: { status: string; labels: Record<string, string> }[];
}

/** What webhooks said of a target's alert, oldest first. A message that the receiver knows by its key is left out. */
export function notificationsOf(entries: readonly Entry[], alertname: string, target: string): Notification[] {
  return entries
    .filter(({ channel, repeat }) => channel === "webhook" && !repeat)
    .flatMap(({ at, body }) =>
      (body as WebhookBody).alerts
        .filter(({ labels }) => labels["alertname"] === alertname && labels["target"] === target)
        .map(({ status }) => ({ at, status })),
    );
}

/** Those that say something else than the one before. */
export const changesOf = (all: readonly Notification[]): Notification[] =>
  all.filter(({ status }, i) => status !== all[i - 1]?.status);

/** `firing resolved firing ...`, so that an order can be compared. */
export const positionOf = (all: readonly Notification[]): string => all.map(({ status }) => status).join(" ");

/** Kills, restarts and notifications by time, one a line. */
export function ledgerOf(outages: readonly Outage[], notifications: readonly Notification[]): string {
  const lines = [
    ...outages.flatMap(({ killedAt, servedAt }) => [
      { at: killedAt, what: "killed" },
      { at: servedAt, what: "serves again" },
    ]),
    ...notifications.map(({ at, status }) => ({ at, what: `  notified: ${status}` })),
  ];
  const startMs = outages[0]?.killedAt ?? 0;
  return lines
    .sort((a, b) => a.at - b.at)
    .map(({ at, what }) => `${secondsText(at - startMs)}  ${what}`)
    .join("\n");
}

/** What each message of a person's channels reads like, by time. */
export function messagesText(entries: readonly Entry[], startMs: number): string {
  return entries
    .map((entry) => `${secondsText(entry.at - startMs)}  ${entry.channel} ${stateOf(entry)}: ${titleOf(entry)}`)
    .join("\n");
}

function titleOf({ channel, body }: Entry): string {
  const all = body as { text?: string; payload?: { summary?: string }; dedup_key?: string } & WebhookBody;
  if (channel === "slack") return all.text ?? "";
  if (channel === "pagerduty") return all.payload?.summary ?? `of ${all.dedup_key}`;
  return all.alerts.map(({ status, labels }) => `${labels["alertname"]} ${labels["probe"] ?? ""} ${status}`).join(", ");
}

/** How long a recorded incident lasted, ms; undefined while it is open. */
export const recordedMs = ({ openedAt, closedAt }: Incident): number | undefined =>
  openedAt === undefined || closedAt === undefined ? undefined : timestampMs(closedAt) - timestampMs(openedAt);

/** Scripted against recorded outages, one a line. */
export function recordText(outages: readonly Outage[], incidents: readonly Incident[]): string {
  const startMs = outages[0]?.killedAt ?? 0;
  const scripted = outages.map(
    ({ killedAt, servedAt }) => `dead from ${secondsText(killedAt - startMs)} for ${secondsText(servedAt - killedAt)}`,
  );
  const recorded = incidents.map((incident) => {
    const lasted = recordedMs(incident);
    const opened = incident.openedAt === undefined ? startMs : timestampMs(incident.openedAt);
    return `recorded from ${secondsText(opened - startMs)} ${lasted === undefined ? "and still open" : `for ${secondsText(lasted)}`}`;
  });
  return [...scripted, ...recorded].join("\n");
}

const secondsText = (ms: number): string => `${(ms / 1_000).toFixed(1).padStart(6)} s`;
