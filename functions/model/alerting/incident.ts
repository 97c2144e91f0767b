/** Something that fired while an incident was open. */
export interface IncidentCause {
  alertname: string;
  severity: string;
  /** Its probe, where the alert has one. */
  probe?: string;
  summary: string;
  /** When it began, epoch ms. */
  at: number;
}

/** A time in which a target was down, or in which nothing was known of it. */
export interface Incident {
  /** Target and beginning; the same for ever. */
  id: string;
  target: string;
  /** Times of which nothing is known are no incidents for people: they are kept to be left out of uptime. */
  state: "down" | "unknown";
  /** Epoch ms. */
  openedAt: number;
  closedAt?: number;
  /** `removed`: nobody watches the target any more. */
  why?: "recovered" | "removed";
  /** What opened it first, with the probe that did, then the earliest; at most `MAX_CAUSES`. */
  causes: readonly IncidentCause[];
  acknowledgedBy?: string;
}

/** Causes beyond these are not kept. */
export const MAX_CAUSES = 30;

/** What became of one message, for history. */
export interface NotificationNote {
  /** Id of the message. */
  id: string;
  at: number;
  receiver: string;
  channel: string;
  reason: string;
  status: "firing" | "resolved";
  groupKey: string;
  alerts: number;
  outcome: "delivered" | "uncertain" | "dead";
  tries: number;
}
