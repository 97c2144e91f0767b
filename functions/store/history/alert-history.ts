import type { HistoryNote } from "../alerter/alerter-shapes.ts";
import { type HistoryFailure, historyFailure } from "./history-failure.ts";

const UPSERT_INCIDENTS = `
  INSERT INTO incident (target, opened, opened_ms, closed, why, acknowledged_by, causes)
  SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(?1) WHERE true
  ON CONFLICT (target, opened_ms) DO UPDATE SET
    closed = excluded.closed, why = excluded.why, acknowledged_by = excluded.acknowledged_by, causes = excluded.causes`;

const INSERT_NOTIFICATIONS = `
  INSERT INTO notification (at, id, receiver, channel, reason, status, group_key, alerts, outcome, tries)
  SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9
  FROM json_each(?1) WHERE true
  ON CONFLICT (at, id) DO NOTHING`;

/** Writes incidents and notifications to history in one batch. Idempotent. */
export async function writeNotes(
  db: D1Database,
  notes: readonly HistoryNote[],
): Promise<{ ok: true } | { ok: false; failure: HistoryFailure }> {
  const incidents = notes.flatMap((note) => (note.kind === "incident" ? [note.incident] : []));
  const notifications = notes.flatMap((note) => (note.kind === "notification" ? [note.note] : []));
  const incidentRows = incidents.map((i) => [
    i.target,
    seconds(i.openedAt),
    i.openedAt,
    i.closedAt === undefined ? null : seconds(i.closedAt),
    i.why ?? null,
    i.acknowledgedBy ?? null,
    JSON.stringify(i.causes),
  ]);
  const notificationRows = notifications.map((n) => [
    seconds(n.at),
    n.id,
    n.receiver,
    n.channel,
    n.reason,
    n.status,
    n.groupKey,
    n.alerts,
    n.outcome,
    n.tries,
  ]);
  try {
    await db.batch([
      db.prepare(UPSERT_INCIDENTS).bind(JSON.stringify(incidentRows)),
      db.prepare(INSERT_NOTIFICATIONS).bind(JSON.stringify(notificationRows)),
    ]);
    return { ok: true };
  } catch (thrown) {
    return { ok: false, failure: historyFailure(thrown) };
  }
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
