import type { Alert, AlertLabels, AlertRef, Resolve } from "./alert.ts";
import type { DeliveryReason } from "./delivery.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Message, Shared } from "./message.ts";
import type { Endpoint } from "./receiver.ts";

/** One firing of one alert, as a key: `FINGERPRINT@STARTSAT`. */
export const alertKey = ({ fingerprint, startsAt }: AlertRef): string => `${fingerprint}@${startsAt}`;

/** An alert as the Alerter stores it. Whether it is firing is derived from `resolvedAt`. */
export interface KnownAlert extends Alert {
  /** The Monitor that owns it; `ALERTER_SHARD` for the Alerter's own alerts. */
  shard: number;
  /** When the Alerter first received it, epoch ms. */
  receivedAt: number;
  /** When the first message about it was created, epoch ms; escalation counts from here. */
  notifiedAt?: number;
  /** Since when its escalation and reminders wait for it to recover, epoch ms; absent while they do not. */
  waitingSince?: number;
  /** For how long they have waited before that, ms. */
  waitedMs?: number;
  /** When what it tells of was over, epoch ms. */
  resolvedAt?: number;
  /** When the Alerter heard of its end, epoch ms; absent where that is `resolvedAt`. */
  endReceivedAt?: number;
  why?: Resolve["why"];
}

/** When the Alerter heard that an alert is over, epoch ms; undefined while it fires. What lingers does so from here. */
export const endedAt = ({
  resolvedAt,
  endReceivedAt,
}: Pick<KnownAlert, "resolvedAt" | "endReceivedAt">): number | undefined =>
  resolvedAt === undefined ? undefined : Math.max(resolvedAt, endReceivedAt ?? 0);

/** Name of the single Alerter object. */
export const ALERTER_NAME = "alerter";

/** Shard of the alerts that the Alerter raises itself. */
export const ALERTER_SHARD = -1;

/** Somebody has acknowledged a firing alert. It ends with the alert. */
export interface Acknowledgement {
  by: string;
  at: number;
  comment: string;
}

/**
 * An endpoint that has been notified, with its options at that time: a pending resolve goes to these options, whatever
 * the config says now.
 */
export interface EndpointState {
  receiver: string;
  /** Index in its receiver when the receiver last had it. */
  index: number;
  endpoint: Endpoint;
  /** Consecutive attempts that failed or stayed uncertain. */
  failures: number;
  /** No attempt before this, epoch ms. Urgent messages wait less, see `readyAt`. */
  retryAt: number;
  /** End of the newest of these failures, epoch ms; absent after a success. */
  failedAt?: number;
}

/** What one endpoint has been notified of in one group. */
export interface NotificationGroup {
  endpointKey: string;
  groupKey: string;
  groupLabels: AlertLabels;
  /** What all its alerts come from; present where it is one of several targets. */
  shared?: Shared;
  /** When its first message since all was well was decided on, epoch ms. */
  openedAt: number;
  /** When the newest message was decided on, epoch ms. */
  sentAt: number;
  /** When a message was given up, epoch ms; absent after a later delivery. */
  failedAt?: number;
  /** Id of that message's dead letter. */
  failedId?: string;
}

/** An endpoint has been notified of an alert, or will be by a message in the outbox. Kept until the resolve is sent too. */
export interface NotificationLogEntry {
  endpointKey: string;
  alertKey: string;
  groupKey: string;
  /** Some attempt may have arrived. If none has, no resolve is sent. */
  known: boolean;
  /** The endpoint accepted a message about it. Until then it is retried, and other receivers take its place. */
  confirmed: boolean;
  /** A message listed it by name, not only in the number of alerts left out. */
  named: boolean;
  /** The acknowledgement was sent. */
  acknowledged: boolean;
  /** The resolve was sent. It is repeated for a while if the endpoint forgets. */
  resolvedSent: boolean;
}

/** A message in the outbox. At most one per notification group, so that the next is decided after this one's delivery. */
export interface OutboxRow {
  message: Message;
  endpointKey: string;
  /** Keys of all alerts that it reports as firing, including those left out of its text. */
  firing: readonly string[];
  /** Keys of all alerts that it reports as resolved. */
  ended: readonly string[];
  /** Keys of the firing alerts whose acknowledgement it reports. */
  acknowledged: readonly string[];
  critical: boolean;
  /** Retried within a minute, even if the receiver asks to wait longer. */
  urgent: boolean;
  /** A critical alert that fires waits for it, since it is of the same group: retried within a minute, however old it is. */
  blocks?: true;
  /** When it was created, epoch ms. */
  createdAt: number;
  /** Attempts started. Each is stored before it is made. */
  tries: number;
  /** Start of the newest attempt, epoch ms; absent before the first. */
  triedAt?: number;
  /** Attempts with an unknown outcome. */
  uncertain: number;
  /** An attempt is running, or was when the object was evicted. */
  trying: boolean;
}

/** A message that was given up. */
export interface DeadLetter {
  /** Id of the message; for consecutive ones given up for the same reason, of the first. */
  id: string;
  receiver: string;
  channel: string;
  groupKey: string;
  status: Message["status"];
  reason: Message["reason"];
  critical: boolean;
  /** How many alerts it was about, and the names of some. */
  alerts: number;
  names: readonly string[];
  /** When it was created; for consecutive ones given up for the same reason, the first. */
  createdAt: number;
  /** When it was given up. */
  at: number;
  tries: number;
  failure: DeliveryReason;
  /** The failure in our own words. */
  why: string;
}

export const notificationGroupKey = (endpointKey: string, groupKey: string): string => `${endpointKey} ${groupKey}`;

export const notificationLogKey = (endpointKey: string, alert: string): string => `${endpointKey} ${alert}`;

/** Options that change what messages look like, and not where they go. */
const APPEARANCE: ReadonlySet<string> = new Set(["mentions"]);

/** Endpoints are the configuration's and never change: each is hashed once. */
const endpointKeys = new WeakMap<object, { receiver: string; key: string }>();

/** Stable short id of an endpoint. It depends on its receiver and on where messages go, not on what they look like. */
export function endpointKeyOf(receiver: string, endpoint: Pick<Endpoint, "channel" | "options">): string {
  const known = endpointKeys.get(endpoint);
  if (known?.receiver === receiver) return known.key;
  const options = Object.fromEntries(Object.entries(endpoint.options).filter(([name]) => !APPEARANCE.has(name)));
  const key = fingerprint({ receiver, channel: endpoint.channel, options: sortedJson(options) });
  endpointKeys.set(endpoint, { receiver, key });
  return key;
}

/** JSON with sorted keys. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
