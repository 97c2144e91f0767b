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
  /** This message is the first that says so to its receiver. */
  news?: true;
  /** Name of a worse alert that still fires for the same target, though this one is over. */
  worseFiring?: string;
}

/** How many alerts a message is about, and how many of those that it lists are new or over since the last one. */
export function countAlerts({ alerts, truncated }: Message): { alerts: number; added: number; ended: number } {
  const news = alerts.filter(({ news }) => news === true);
  const added = news.filter(({ status }) => status === "firing").length;
  return { alerts: alerts.length + truncated, added, ended: news.length - added };
}

/** What several targets that are down have in common. */
export interface Shared {
  /** `unreachable`, or a reason. */
  cause: string;
  /** `receiver`: they are all that the receiver has. */
  by: "front" | "region" | "receiver";
  /** Names of the vantages, where it is a region. */
  region?: string;
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
  /** When the group's first message since all was well was decided on, epoch ms: two outages of a group are two. */
  openedAt: number;
  /** Present where the message is about several targets with one cause. */
  shared?: Shared;
  /** Targets of all its alerts, those left out included. */
  targets: number;
  /** Other receivers that know of any of its alerts. */
  alsoNotified: readonly string[];
  alerts: readonly MessageAlert[];
  /** Number of alerts left out because there were too many. */
  truncated: number;
  /** Origin of this installation, for links; no trailing slash. */
  externalUrl: string;
  /** When it was created, epoch ms. */
  at: number;
  /** Words of its endpoint's templates, in place of the built-in ones. Clean and bounded, not escaped. */
  title?: string;
  text?: string;
  /** A drill, not a real alert. */
  test: boolean;
}
