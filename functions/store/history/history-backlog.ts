import { HOUR_MS } from "../../lib/time-units.ts";
import { decodeWithChecksum, encodeWithChecksum } from "../checksummed-json.ts";
import { count, LATEST_MS, object, type Shape, time } from "../shape.ts";
import type { OwnedBlock } from "./history-row.ts";
import { packParts, type StoredSample } from "./sample-block.ts";

/** Progress of shipping; all times in epoch ms. */
export interface ShippingState {
  /** Hours before this are closed: written completely or dropped. Their samples are no longer accepted. */
  closedBefore: number;
  /** Newest slot written to history. */
  shippedThrough: number;
  /** No shipment before this. */
  nextAt: number;
  /** Failed shipments since the last successful one. */
  failuresInRow: number;
  /** Failed shipments in total. */
  failures: number;
  /** Slots dropped without being shipped, in total: the backlog was full, or their block was unreadable. */
  droppedSlots: number;
}

const NOTHING_SHIPPED: ShippingState = {
  closedBefore: 0,
  shippedThrough: 0,
  nextAt: 0,
  failuresInRow: 0,
  failures: 0,
  droppedSlots: 0,
};

const isShippingState: Shape<ShippingState> = object({
  closedBefore: time,
  shippedThrough: time,
  nextAt: time,
  failuresInRow: count,
  failures: count,
  droppedSlots: count,
});

type Stored = { owner: SqlStorageValue; samples: SqlStorageValue };

const NO_BLOCK = new Uint8Array();

/**
 * Samples that are not yet completely in history, in the Durable Object's own storage: one block per tick, or several for
 * late or many samples. Everything is synchronous and may run inside the caller's transaction.
 */
export class SampleBacklog {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS backlog_block (
        slot INTEGER NOT NULL, part INTEGER NOT NULL, owner TEXT NOT NULL, samples BLOB NOT NULL,
        PRIMARY KEY (slot, part)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS backlog_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
    this.#dropMisplaced();
  }

  /** Drops blocks whose slot is not a valid time (SQLite accepts any value): they would belong to no hour. */
  #dropMisplaced(): void {
    // Texts and blobs sort after all numbers, so the index gives both ends without reading other rows.
    const sql = `DELETE FROM backlog_block WHERE slot < 0 OR slot > ${LATEST_MS} RETURNING slot`;
    const { length } = this.#storage.sql.exec(sql).toArray();
    const state = this.shipping();
    if (length > 0) this.saveShipping({ ...state, droppedSlots: state.droppedSlots + length });
  }

  /**
   * Adds samples taken by `owner` (`SHARD:GENERATION`), with one row of storage per tick and MB. Returns how many were
   * refused because their hour is closed: a row of history replaces the previous one, so a late sample would overwrite
   * its hour.
   */
  append(owner: string, samples: readonly StoredSample[]): { refused: number } {
    const { closedBefore } = this.shipping();
    let refused = 0;
    for (const [slot, group] of Map.groupBy(samples, (sample) => sample.slot)) {
      if (slot < closedBefore) {
        refused += group.length;
        continue;
      }
      // A part that is not a number, or is too large to be incremented, is ignored.
      const sql = `INSERT INTO backlog_block SELECT ?1, coalesce(max(part), -1) + 1, ?2, ?3 FROM backlog_block
        WHERE slot = ?1 AND part < ${Number.MAX_SAFE_INTEGER}`;
      for (const block of packParts(group)) this.#storage.sql.exec(sql, slot, owner, block);
    }
    return { refused };
  }

  /** Hours with blocks, oldest first. Reads one row per hour, however many slots there are. */
  hours(): number[] {
    const sql = `
      WITH RECURSIVE hour(at) AS (
        SELECT min(slot) - min(slot) % ?1 FROM backlog_block
        UNION ALL
        SELECT (SELECT min(slot) - min(slot) % ?1 FROM backlog_block WHERE slot >= at + ?1) FROM hour WHERE at IS NOT NULL
      ) SELECT at FROM hour WHERE at IS NOT NULL`;
    return Array.from(this.#storage.sql.exec<{ at: number }>(sql, HOUR_MS), ({ at }) => at);
  }

  /** The blocks of an hour by slot, one in memory at a time. Read all of them before anything is awaited. */
  *blocks(hour: number): Generator<OwnedBlock> {
    const sql = "SELECT owner, samples FROM backlog_block WHERE slot >= ? AND slot < ? ORDER BY slot, part";
    for (const { owner, samples } of this.#storage.sql.exec<Stored>(sql, hour, hour + HOUR_MS)) {
      // SQLite columns may hold any type. Unpacking counts a value that is not a block as unreadable.
      yield { owner: String(owner), samples: samples instanceof ArrayBuffer ? new Uint8Array(samples) : NO_BLOCK };
    }
  }

  /** The blocks of a slot. */
  *blocksAt(slot: number): Generator<OwnedBlock> {
    const sql = "SELECT owner, samples FROM backlog_block WHERE slot = ? ORDER BY part";
    for (const { owner, samples } of this.#storage.sql.exec<Stored>(sql, slot))
      yield { owner: String(owner), samples: samples instanceof ArrayBuffer ? new Uint8Array(samples) : NO_BLOCK };
  }

  /** Newest slot of an hour; undefined if it has no blocks. */
  newestSlot(hour: number): number | undefined {
    const sql = "SELECT max(slot) AS slot FROM backlog_block WHERE slot >= ? AND slot < ?";
    return this.#storage.sql.exec<{ slot: number | null }>(sql, hour, hour + HOUR_MS).one().slot ?? undefined;
  }

  /** Slots after `after` with blocks. */
  slotsAfter(after: number): number {
    const sql = "SELECT count(DISTINCT slot) AS slots FROM backlog_block WHERE slot > ?";
    return this.#storage.sql.exec<{ slots: number }>(sql, after).one().slots;
  }

  /** Slots not yet written to history. */
  backlogSlots(): number {
    return this.slotsAfter(this.shipping().shippedThrough);
  }

  /**
   * Closes an hour that was written completely: deletes its blocks and stores the state. Does nothing and returns false if
   * the hour no longer has the `blocks` that were read for the shipment.
   */
  close(hour: number, blocks: number, state: ShippingState): boolean {
    return this.#storage.transactionSync(() => {
      const range = [hour, hour + HOUR_MS] as const;
      const count = "SELECT count(*) AS blocks FROM backlog_block WHERE slot >= ? AND slot < ?";
      if (this.#storage.sql.exec<{ blocks: number }>(count, ...range).one().blocks !== blocks) return false;
      this.#storage.sql.exec("DELETE FROM backlog_block WHERE slot >= ? AND slot < ?", ...range);
      this.saveShipping({ ...state, closedBefore: Math.max(state.closedBefore, range[1]) });
      return true;
    });
  }

  /** Drops an hour without shipping it, and counts its slots that are not in history. */
  drop(hour: number): void {
    this.#storage.transactionSync(() => {
      const state = this.shipping();
      const end = hour + HOUR_MS;
      const unshipped =
        "SELECT count(DISTINCT slot) AS slots FROM backlog_block WHERE slot > ? AND slot >= ? AND slot < ?";
      const { slots } = this.#storage.sql.exec<{ slots: number }>(unshipped, state.shippedThrough, hour, end).one();
      this.#storage.sql.exec("DELETE FROM backlog_block WHERE slot >= ? AND slot < ?", hour, end);
      this.saveShipping({
        ...state,
        closedBefore: Math.max(state.closedBefore, end),
        droppedSlots: state.droppedSlots + slots,
      });
    });
  }

  shipping(): ShippingState {
    return this.read("shipping", isShippingState) ?? NOTHING_SHIPPED;
  }

  saveShipping(state: ShippingState): void {
    this.save("shipping", state);
  }

  /** What was saved under a name; undefined before the first time, and where it cannot be read or has another shape. */
  read<Value>(name: string, shape: Shape<Value>): Value | undefined {
    const sql = "SELECT value FROM backlog_state WHERE name = ?";
    const [row] = this.#storage.sql.exec<{ value: string }>(sql, name).toArray();
    const value = decodeWithChecksum(row?.value);
    return shape(value) ? value : undefined;
  }

  /** Saves a small JSON value. An unchanged value costs no write. */
  save(name: string, value: unknown): void {
    const sql = `INSERT INTO backlog_state VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`;
    this.#storage.sql.exec(sql, name, encodeWithChecksum(JSON.stringify(value)));
  }
}
