import { CHUNK_CUT_BYTES } from "./series-chunk.ts";

interface Entry<Value> {
  value: Value;
  /** Stored form, made when it is next written. */
  json: string | undefined;
}

/** One row to write: `undefined` text means that the row is to go. */
export interface ShelfRow {
  chunk: number;
  text: string | undefined;
}

/** JSON values by name, stored in rows that hold many of them each. */
export class JsonShelf<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  #rows: string[] = [];
  #changed = false;

  /** Takes a stored row; rows come in the order of their chunks. */
  restore(text: string): void {
    this.#rows.push(text);
    for (const [name, value] of Object.entries(JSON.parse(text) as Record<string, Value>))
      this.#entries.set(name, { value, json: undefined });
  }

  find(name: string): Value | undefined {
    return this.#entries.get(name)?.value;
  }

  /** Names and values in the order in which they first came. */
  *all(): Generator<[name: string, value: Value]> {
    for (const [name, { value }] of this.#entries) yield [name, value];
  }

  get size(): number {
    return this.#entries.size;
  }

  set(name: string, value: Value): void {
    this.#entries.set(name, { value, json: undefined });
    this.#changed = true;
  }

  delete(name: string): void {
    if (this.#entries.delete(name)) this.#changed = true;
  }

  /** Forgets what is not named. */
  retain(names: { has(name: string): boolean }): void {
    for (const name of this.#entries.keys()) if (!names.has(name)) this.delete(name);
  }

  /** The rows that differ from what is stored; they count as stored from now on. */
  takeRows(): ShelfRow[] {
    if (!this.#changed) return [];
    this.#changed = false;
    const rows: string[] = [];
    let open = "";
    for (const [name, entry] of this.#entries) {
      entry.json ??= `${JSON.stringify(name)}:${JSON.stringify(entry.value)}`;
      if (open !== "" && open.length + entry.json.length > CHUNK_CUT_BYTES) {
        rows.push(`{${open}}`);
        open = "";
      }
      open += open === "" ? entry.json : `,${entry.json}`;
    }
    rows.push(`{${open}}`);
    const changed: ShelfRow[] = [];
    for (let chunk = 0; chunk < Math.max(rows.length, this.#rows.length); chunk++)
      if (rows[chunk] !== this.#rows[chunk]) changed.push({ chunk, text: rows[chunk] });
    this.#rows = rows;
    return changed;
  }
}
