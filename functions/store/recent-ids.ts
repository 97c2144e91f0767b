import { decodeWithChecksum, encodeWithChecksum } from "./checksummed-json.ts";
import { list, text } from "./shape.ts";
import type { HeadStorage, WriteRow } from "./write-row.ts";

/** Ids that are remembered of a target: four full exports of the SDKs' default size (512 spans). */
const MOST_RECENT_IDS = 2_048;

const areIds = list(text);

/** Recently added ids per target, so that repeated data is not added again. The oldest ids are forgotten. */
export class RecentIds {
  /** Sets keep insertion order. */
  readonly #ids = new Map<string, Set<string>>();
  readonly #changed = new Set<string>();
  /** Keys of unreadable rows, to be deleted. SQLite allows any type. */
  readonly #damaged: unknown[] = [];
  /** Descriptions of unreadable rows. Their data may be counted twice. */
  readonly unreadable: string[] = [];

  /** Creates the SQL table if necessary and loads it. */
  constructor(storage: HeadStorage) {
    storage.sql.exec("CREATE TABLE IF NOT EXISTS recent_id (target TEXT PRIMARY KEY, ids TEXT NOT NULL) WITHOUT ROWID");
    for (const { target, ids } of storage.sql.exec("SELECT target, ids FROM recent_id")) {
      const known = decodeWithChecksum(ids);
      if (typeof target === "string" && areIds(known)) this.#ids.set(target, new Set(known));
      else {
        this.unreadable.push("recent ids: damaged");
        this.#damaged.push(target);
      }
    }
  }

  /** Adds an id; false if it was already there. */
  add(target: string, id: string): boolean {
    const ids = this.#ids.get(target) ?? new Set<string>();
    if (ids.has(id)) return false;
    ids.add(id);
    const [oldest] = ids;
    if (ids.size > MOST_RECENT_IDS && oldest !== undefined) ids.delete(oldest);
    this.#ids.set(target, ids);
    this.#changed.add(target);
    return true;
  }

  /** Removes all targets that are not named. */
  retain(targets: ReadonlySet<string>): void {
    for (const target of this.#ids.keys()) {
      if (targets.has(target)) continue;
      this.#ids.delete(target);
      this.#changed.add(target);
    }
  }

  /** Writes all changes, a row per target; inside a transaction. */
  write(writeRow: WriteRow): void {
    for (const key of this.#damaged.splice(0)) writeRow(0, "DELETE FROM recent_id WHERE target = ?", key);
    for (const target of this.#changed) {
      const ids = this.#ids.get(target);
      if (ids === undefined) writeRow(0, "DELETE FROM recent_id WHERE target = ?", target);
      else {
        const row = encodeWithChecksum(JSON.stringify([...ids]));
        writeRow(row.length, "INSERT OR REPLACE INTO recent_id VALUES (?, ?)", target, row);
      }
    }
    this.#changed.clear();
  }
}
