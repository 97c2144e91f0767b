import type { NotificationLogEntry, OutboxRow } from "../../model/alerting/alerter-state.ts";

/** What one endpoint has been told, and what is on its way to it. */
export interface Ledger {
  entries: readonly NotificationLogEntry[];
  /** By `alertKey`. */
  entryOf: ReadonlyMap<string, NotificationLogEntry>;
  queued: readonly OutboxRow[];
}

/** Of an endpoint that has been told nothing. */
export const EMPTY_LEDGER: Ledger = { entries: [], entryOf: new Map(), queued: [] };

/** The notification log and the outbox, by endpoint. */
export function ledgersOf(
  notificationLog: readonly NotificationLogEntry[],
  outbox: readonly OutboxRow[],
): ReadonlyMap<string, Ledger> {
  const entries = Map.groupBy(notificationLog, (entry) => entry.endpointKey);
  const queued = Map.groupBy(outbox, (row) => row.endpointKey);
  const ledgers = new Map<string, Ledger>();
  for (const endpointKey of new Set([...entries.keys(), ...queued.keys()])) {
    const all = entries.get(endpointKey) ?? [];
    const entryOf = new Map(all.map((entry) => [entry.alertKey, entry]));
    ledgers.set(endpointKey, { entries: all, entryOf, queued: queued.get(endpointKey) ?? [] });
  }
  return ledgers;
}
