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
 * What somebody is told: one group of alerts at one moment. Every channel renders this one shape, from nothing else, so
 * that every try says the same. Channels make their own keys, stable over all messages of one alert's life, from
 * fingerprint and `startsAt`, or from `groupKey`.
 */
export interface Message {
  /** Unique to this notification; the same on every try. */
  id: string;
  receiver: string;
  /** Index of the endpoint in its receiver. */
  endpoint: number;
  reason: NotifyReason;
  /** `firing` while any of its alerts fires. */
  status: "firing" | "resolved";
  groupKey: string;
  groupLabels: AlertLabels;
  alerts: readonly MessageAlert[];
  /** Alerts left out because there were too many. */
  truncated: number;
  /** Origin of this installation, for links; no trailing slash. */
  externalUrl: string;
  /** When it was decided on, epoch ms. */
  at: number;
  /** A drill: nothing is wrong. */
  test: boolean;
}
