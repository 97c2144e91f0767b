import type { Alert, AlertLabels } from "./alert.ts";

/** Why a message is sent; Alertmanager's words where it has them. */
export const NOTIFY_REASONS = [
  "first notification",
  "new alerts added",
  "some alerts resolved",
  "all alerts resolved",
  "repeat interval elapsed",
  "escalation",
  "acknowledged",
  "drill",
] as const;

export type NotifyReason = (typeof NOTIFY_REASONS)[number];

/** An alert in a message. */
export interface MessageAlert extends Alert {
  status: "firing" | "resolved";
  /** Epoch ms; present when resolved. */
  endsAt?: number;
  acknowledgedBy?: string;
}

/**
 * A notification: one group of alerts at one moment. Every channel renders only this, so that every attempt sends the
 * same text. Channels derive deduplication keys that are stable for one firing of an alert from fingerprint and
 * `startsAt`, or from `groupKey`.
 */
export interface Message {
  /** Unique to this notification; the same in every attempt. */
  id: string;
  receiver: string;
  /** Index of the endpoint in its receiver. */
  endpoint: number;
  reason: NotifyReason;
  /** `firing` if any of its alerts is firing. */
  status: "firing" | "resolved";
  groupKey: string;
  groupLabels: AlertLabels;
  alerts: readonly MessageAlert[];
  /** Number of alerts left out because there were too many. */
  truncated: number;
  /** Origin of this installation, for links; no trailing slash. */
  externalUrl: string;
  /** When it was created, epoch ms. */
  at: number;
  /** A drill, not a real alert. */
  test: boolean;
}
