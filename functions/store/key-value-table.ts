import { decodeWithChecksum, encodeWithChecksum } from "./checksummed-json.ts";
import type { KeyedShape } from "./shape.ts";

/** The part of a Durable Object's storage that a table needs. */
export interface KeyValueStorage {
  sql: { exec(query: string, ...bindings: unknown[]): Iterable<Record<string, unknown>> };
}

/** The platform accepts rows up to 2 MB; its local replacement accepts any. */
const MAX_ROW_BYTES = 1_800_000;

const encoder = new TextEncoder();

/**
 * A table of JSON values by key, held in memory as well. Changes are made in memory and written together by `write`,
 * within the caller's transaction. If that throws, memory is ahead and the table must be reloaded.
 */
export class KeyValueTable<Value> {
  readonly #storage: KeyValueStorage;
  readonly #table: string;
  readonly #values = new Map<string, Value>();
  readonly #dirty = new Set<string>();
  /** Keys of unusable rows; the next write deletes them. */
  readonly unreadable: string[] = [];
  /** The same keys as stored in SQLite, of any type. */
  readonly #damaged: unknown[] = [];

  /** `table`: a name of ours, never text from outside. */
  constructor(storage: KeyValueStorage, table: string, isValid: KeyedShape<Value>) {
    this.#storage = storage;
    this.#table = table;
    storage.sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
    for (const { key, value } of storage.sql.exec(`SELECT key, value FROM ${table}`)) {
      const known = decodeWithChecksum(value);
      if (typeof key === "string" && isValid(key, known)) this.#values.set(key, known);
      else {
        this.unreadable.push(typeof key === "string" ? key : "without a name");
        this.#damaged.push(key);
      }
    }
  }

  get all(): ReadonlyMap<string, Value> {
    return this.#values;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    this.#values.set(key, value);
    this.#dirty.add(key);
  }

  /** Changes a value in memory only. It is stored with its next `set`, and lost if the object is evicted before. */
  hold(key: string, value: Value): void {
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#dirty.add(key);
  }

  /** Whether there are changes to write. */
  get isDirty(): boolean {
    return this.#dirty.size + this.#damaged.length > 0;
  }

  /** Writes all changes. */
  write(): void {
    for (const key of this.#damaged.splice(0)) this.#storage.sql.exec(`DELETE FROM ${this.#table} WHERE key = ?`, key);
    for (const key of this.#dirty) {
      const value = this.#values.get(key);
      if (value === undefined) this.#storage.sql.exec(`DELETE FROM ${this.#table} WHERE key = ?`, key);
      else {
        const json = encodeWithChecksum(JSON.stringify(value));
        if (json.length * 3 > MAX_ROW_BYTES && encoder.encode(json).length > MAX_ROW_BYTES)
          throw new Error(`Cannot store a row of ${this.#table}: it has more than ${MAX_ROW_BYTES} bytes.`);
        this.#storage.sql.exec(`INSERT OR REPLACE INTO ${this.#table} VALUES (?, ?)`, key, json);
      }
    }
    this.#dirty.clear();
  }
}
