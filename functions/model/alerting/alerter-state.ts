import type { Alert, AlertLabels, AlertRef, Resolve } from "./alert.ts";
import type { DeliveryReason } from "./delivery.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Message } from "./message.ts";
import type { Endpoint } from "./receiver.ts";

/** One firing of one alert, as a key: `FINGERPRINT@STARTSAT`. */
export const alertKey = ({ fingerprint, startsAt }: AlertRef): string => `${fingerprint}@${startsAt}`;

/** An alert as the Alerter keeps it; it firing or not is derived from `resolvedAt`. */
export interface KnownAlert extends Alert {
  /** The Monitor that speaks for it; `ALERTER_SHARD` for alerts of the Alerter's own. */
  shard: number;
  /** When the Alerter first heard of it, epoch ms. */
  receivedAt: number;
  /** When the first message that names it was decided on, epoch ms; escalation counts from here. */
  notifiedAt?: number;
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

/** The name of the only Alerter. */
export const ALERTER_NAME = "alerter";

/** Shard of alerts that the Alerter raises itself. */
export const ALERTER_SHARD = -1;

/** That somebody has taken a firing alert on; it ends with the alert. */
export interface Acknowledgement {
  by: string;
  at: number;
  comment: string;
}

/**
 * An endpoint that is or was told something, as it was then: what is owed to it is owed to these options, whatever the
 * config says now.
 */
export interface EndpointState {
  receiver: string;
  /** Index in its receiver when it was last seen there. */
  index: number;
  endpoint: Endpoint;
  /** Tries in a row that failed or stayed uncertain. */
  failures: number;
  /** No try before this, epoch ms; urgent messages wait less, see `readyAt`. */
  retryAt: number;
  /** When the newest of these failures ended, epoch ms; absent after a success. */
  failedAt?: number;
}

/** What one endpoint has been told in one group. */
export interface NotificationGroup {
  endpointKey: string;
  groupKey: string;
  groupLabels: AlertLabels;
  /** When the newest message was decided on, epoch ms. */
  sentAt: number;
  /** When a message was given up, epoch ms; absent once one has arrived since. */
  failedAt?: number;
  /** Id of that message's dead letter. */
  failedId?: string;
}

/** That an endpoint was told of an alert, or will be by a message in the outbox. It stands until the end is told too. */
export interface NotificationLogEntry {
  endpointKey: string;
  alertKey: string;
  groupKey: string;
  /** Some try may have arrived. Where none has, no end is owed. */
  known: boolean;
  /** The endpoint accepted a message about it. Until then it is sent again, and others are told in its place. */
  confirmed: boolean;
  /** It stood in the text of some message, not only in the number of those left out. */
  named: boolean;
  /** It was told who acknowledged it. */
  acknowledged: boolean;
  /** It was told of the end, and hears it again for a while since it forgets. */
  resolvedSent: boolean;
}

/** A message on its way. At most one per thread, so that what follows is decided when it has arrived. */
export interface OutboxRow {
  message: Message;
  endpointKey: string;
  /** Keys of all alerts that it tells of as firing, those left out of its text included. */
  firing: readonly string[];
  /** Keys of all alerts that it tells the end of. */
  ended: readonly string[];
  /** Keys of those firing whose acknowledgement it tells. */
  acknowledged: readonly string[];
  critical: boolean;
  /** Tried again within a minute, however long the receiver asks to wait. */
  urgent: boolean;
  /** When it was decided on, epoch ms. */
  createdAt: number;
  /** Tries begun; each is stored before it is made. */
  tries: number;
  /** When the newest try began, epoch ms; absent before the first. */
  triedAt?: number;
  /** Tries of which nobody knows whether they arrived. */
  uncertain: number;
  /** A try is under way, or was when the object died. */
  trying: boolean;
}

/** What is kept of a message that was given up. */
export interface DeadLetter {
  /** Id of the message; of several in a row that were given up for the same reason, of the first. */
  id: string;
  receiver: string;
  channel: string;
  groupKey: string;
  status: Message["status"];
  reason: Message["reason"];
  critical: boolean;
  /** How many alerts it told of, and the names of some. */
  alerts: number;
  names: readonly string[];
  /** When it was decided on; of several in a row for the same reason, the first. */
  createdAt: number;
  /** When it was given up. */
  at: number;
  tries: number;
  failure: DeliveryReason;
  /** Our words for the failure. */
  why: string;
}

export const notificationGroupKey = (endpointKey: string, groupKey: string): string => `${endpointKey} ${groupKey}`;

export const notificationLogKey = (endpointKey: string, alert: string): string => `${endpointKey} ${alert}`;

/** Stable short name of an endpoint: what it is called does not matter, where its messages go does. */
export const endpointKeyOf = (receiver: string, endpoint: { channel: string; options: unknown }): string =>
  fingerprint({ receiver, channel: endpoint.channel, options: sortedJson(endpoint.options) });

/** JSON in which the order of keys does not show. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
