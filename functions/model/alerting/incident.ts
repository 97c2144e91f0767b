/** An alert that was firing while an incident was open. */
export interface IncidentCause {
  alertname: string;
  severity: string;
  /** Its probe, if the alert has one. */
  probe?: string;
  summary: string;
  /** Of the failure, from the closed list; absent where the alert states none. */
  reason?: string;
  /** Start of the alert, epoch ms. */
  at: number;
}

/** A period in which a target was down, or in which its state was unknown. */
export interface Incident {
  /** Made from target and start; never changes. */
  id: string;
  target: string;
  /** Periods with unknown state are not shown as incidents. They are kept to exclude them from uptime. */
  state: "down" | "unknown";
  /** Epoch ms. */
  openedAt: number;
  closedAt?: number;
  /** `removed`: the target is no longer watched. */
  why?: "recovered" | "removed";
  /** What opened it first, with the probe that did, then the earliest; at most `MAX_CAUSES`. */
  causes: readonly IncidentCause[];
  acknowledgedBy?: string;
}

/** Further causes are not kept. */
export const MAX_CAUSES = 30;

/** Outcome of one message, for history. */
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
