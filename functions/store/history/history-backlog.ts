import { HOUR_MS } from "../../lib/time-units.ts";
import { decodeWithChecksum, encodeWithChecksum } from "../checksummed-json.ts";
import { count, LATEST_MS, object, time } from "../shape.ts";
import type { OwnedBlock } from "./history-row.ts";
import { packParts, type StoredSample } from "./sample-block.ts";

/** How far shipping has come; all times in epoch ms. */
export interface ShippingState {
  /** Hours before this are done: taken whole or dropped. No sample of theirs is accepted any more. */
  closedBefore: number;
  /** Newest slot that history has taken. */
  shippedThrough: number;
  /** No shipment before this. */
  nextAt: number;
  /** Shipments refused since the last one that was taken. */
  failuresInRow: number;
  /** Shipments refused, ever. */
  failures: number;
  /** Slots given up unshipped, ever: the backlog was full, or their block was unreadable. */
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

const isShippingState = object({
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
 * The samples that history has not taken whole, in a Durable Object's own storage: a block per tick, several where
 * samples came later or are many. Everything here is synchronous, and runs inside a transaction of the caller as well.
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

  /** Gives up blocks whose slot is no time (SQLite takes anything for one): they would never be of any hour. */
  #dropMisplaced(): void {
    // Texts and blobs come after all numbers, so the index leads to both ends and nothing else is read.
    const sql = `DELETE FROM backlog_block WHERE slot < 0 OR slot > ${LATEST_MS} RETURNING slot`;
    const { length } = this.#storage.sql.exec(sql).toArray();
    const state = this.shipping();
    if (length > 0) this.saveShipping({ ...state, droppedSlots: state.droppedSlots + length });
  }

  /**
   * Adds samples that `owner` (`SHARD:GENERATION`) took, for one row of storage per tick and MB. Answers how many were refused because their hour is done:
   * a row of history replaces the one before, so a straggler would wipe out its hour.
   */
  append(owner: string, samples: readonly StoredSample[]): { refused: number } {
    const { closedBefore } = this.shipping();
    let refused = 0;
    for (const [slot, group] of Map.groupBy(samples, (sample) => sample.slot)) {
      if (slot < closedBefore) {
        refused += group.length;
        continue;
      }
      // A part that is no number, or too large to be counted on from, is left out of account.
      const sql = `INSERT INTO backlog_block SELECT ?1, coalesce(max(part), -1) + 1, ?2, ?3 FROM backlog_block
        WHERE slot = ?1 AND part < ${Number.MAX_SAFE_INTEGER}`;
      for (const block of packParts(group)) this.#storage.sql.exec(sql, slot, owner, block);
    }
    return { refused };
  }

  /** Hours that have blocks, oldest first. Costs one row read per hour, however many slots there are. */
  hours(): number[] {
    const sql = `
      WITH RECURSIVE hour(at) AS (
        SELECT min(slot) - min(slot) % ?1 FROM backlog_block
        UNION ALL
        SELECT (SELECT min(slot) - min(slot) % ?1 FROM backlog_block WHERE slot >= at + ?1) FROM hour WHERE at IS NOT NULL
      ) SELECT at FROM hour WHERE at IS NOT NULL`;
    return Array.from(this.#storage.sql.exec<{ at: number }>(sql, HOUR_MS), ({ at }) => at);
  }

  /** The blocks of an hour by slot, one in memory at a time. Read them all before anything is awaited. */
  *blocks(hour: number): Generator<OwnedBlock> {
    const sql = "SELECT owner, samples FROM backlog_block WHERE slot >= ? AND slot < ? ORDER BY slot, part";
    for (const { owner, samples } of this.#storage.sql.exec<Stored>(sql, hour, hour + HOUR_MS)) {
      // Columns of SQLite hold what was put into them; what is no block is counted as unreadable by whoever unpacks it.
      yield { owner: String(owner), samples: samples instanceof ArrayBuffer ? new Uint8Array(samples) : NO_BLOCK };
    }
  }

  /** Newest slot of an hour; undefined where it has no blocks. */
  newestSlot(hour: number): number | undefined {
    const sql = "SELECT max(slot) AS slot FROM backlog_block WHERE slot >= ? AND slot < ?";
    return this.#storage.sql.exec<{ slot: number | null }>(sql, hour, hour + HOUR_MS).one().slot ?? undefined;
  }

  /** Slots later than `after` that have blocks. */
  slotsAfter(after: number): number {
    const sql = "SELECT count(DISTINCT slot) AS slots FROM backlog_block WHERE slot > ?";
    return this.#storage.sql.exec<{ slots: number }>(sql, after).one().slots;
  }

  /** Slots that history has not taken yet. */
  backlogSlots(): number {
    return this.slotsAfter(this.shipping().shippedThrough);
  }

  /**
   * Ends an hour that history has taken whole: its blocks go and the state is stored with them. Does nothing and
   * answers false if the hour no longer has the `blocks` that were read for the shipment.
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

  /** Gives an hour up unshipped and counts the slots that history never saw. */
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
    const state = this.read("shipping");
    return isShippingState(state) ? (state as ShippingState) : NOTHING_SHIPPED;
  }

  saveShipping(state: ShippingState): void {
    this.save("shipping", state);
  }

  /** What was saved under a name; undefined before the first time, and where it cannot be read. */
  read<Value>(name: string): Value | undefined {
    const sql = "SELECT value FROM backlog_state WHERE name = ?";
    const [row] = this.#storage.sql.exec<{ value: string }>(sql, name).toArray();
    return decodeWithChecksum(row?.value) as Value | undefined;
  }

  /** Keeps a small JSON value; an unchanged one costs no write. */
  save(name: string, value: unknown): void {
    const sql = `INSERT INTO backlog_state VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`;
    this.#storage.sql.exec(sql, name, encodeWithChecksum(JSON.stringify(value)));
  }
}
