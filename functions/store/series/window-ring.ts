import type { HeadStorage, WriteRow } from "../write-row.ts";

/** Number of minutes kept: one more than the longest window of a rule. */
export const RING_MINUTES = 3 * 24 * 60 + 1;

/**
 * Changes per minute, for as long as a window can reach back. A minute overwrites the row of an expired one, so nothing is
 * deleted and a tick writes one row. Minutes are counted since the epoch.
 */
export class WindowRing {
  readonly #storage: HeadStorage;

  constructor(storage: HeadStorage) {
    this.#storage = storage;
    storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS rule_minute (place INTEGER PRIMARY KEY, minute INTEGER NOT NULL, data BLOB NOT NULL)",
    );
  }

  /** The stored changes of a minute, for `readChanges`; undefined if there are none or the minute has expired. */
  read(minute: number): unknown {
    const sql = "SELECT data FROM rule_minute WHERE place = ? AND minute = ?";
    for (const row of this.#storage.sql.exec(sql, minute % RING_MINUTES, minute)) return row["data"];
    return undefined;
  }

  /** Whether a minute has a row. */
  has(minute: number): boolean {
    const sql = "SELECT 1 FROM rule_minute WHERE place = ? AND minute = ?";
    return [...this.#storage.sql.exec(sql, minute % RING_MINUTES, minute)].length > 0;
  }

  /** Writes a minute's changes; inside a transaction. */
  write(writeRow: WriteRow, minute: number, changes: Uint8Array<ArrayBuffer>): void {
    const sql = `INSERT INTO rule_minute VALUES (?, ?, ?)
      ON CONFLICT (place) DO UPDATE SET minute = excluded.minute, data = excluded.data`;
    writeRow(changes.length, sql, minute % RING_MINUTES, minute, changes.buffer);
  }

  /** Deletes the minutes after this one; inside a transaction. */
  deleteAfter(writeRow: WriteRow, minute: number): void {
    writeRow(0, "DELETE FROM rule_minute WHERE minute > ?", minute);
  }

  /** Deletes all minutes; inside a transaction. */
  clear(writeRow: WriteRow): void {
    writeRow(0, "DELETE FROM rule_minute");
  }
}
