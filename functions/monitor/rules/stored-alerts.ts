import { TableWriter } from "../../store/table-writer.ts";
import type { HeadStorage, WriteRow } from "../../store/write-row.ts";
import { isValidAlert, type StoredAlert } from "./stored-alert.ts";

/** Pending and firing groups, by key and by target. */
export class StoredAlerts {
  readonly #rows: TableWriter<StoredAlert>;
  readonly #byTarget = new Map<string, Set<string>>();

  /** Opens the table. Stored states do not count until they are set here. */
  constructor(storage: HeadStorage) {
    this.#rows = new TableWriter(storage, "rule_alert", isValidAlert);
  }

  /** Descriptions of unreadable stored data; it starts again. */
  get unreadable(): readonly string[] {
    return this.#rows.unreadable;
  }

  /** All states with their keys. */
  all(): Iterable<readonly [string, StoredAlert]> {
    return this.#rows.table.all();
  }

  /** The state with this key. */
  find(key: string): StoredAlert | undefined {
    return this.#rows.table.find(key);
  }

  /** Keys of a target's alerts; undefined if it has none. */
  keysOf(target: string): ReadonlySet<string> | undefined {
    return this.#byTarget.get(target);
  }

  /** Sets a state. */
  set(key: string, stored: StoredAlert): void {
    this.#rows.table.set(key, stored);
    const keys = this.#byTarget.get(stored.target) ?? new Set();
    this.#byTarget.set(stored.target, keys.add(key));
  }

  /** Deletes a state, unless another has replaced it: the one taken over may be another alert of the same group. */
  forget(key: string, stored: StoredAlert): void {
    if (this.#rows.table.find(key) !== stored) return;
    this.#rows.table.delete(key);
    const keys = this.#byTarget.get(stored.target);
    keys?.delete(key);
    if (keys?.size === 0) this.#byTarget.delete(stored.target);
  }

  /** Writes all changes; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    this.#rows.write(writeRow);
  }
}
