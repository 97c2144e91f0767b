import { decodeWithChecksum, encodeWithChecksum } from "./checksummed-json.ts";
import { CHUNK_CUT_BYTES } from "./series/series-chunk.ts";
import { anything, type KeyedShape, record } from "./shape.ts";

interface Entry<Value> {
  value: Value;
  /** Stored text, created on the next write. */
  json: string | undefined;
}

/** One row to write; with `undefined` text, a row to delete. */
export interface TableRow {
  chunk: number;
  text: string | undefined;
}

const anyRecord = record(anything);

/** JSON values by name, stored in rows that each hold many of them. */
export class ChunkedTable<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  /** Stored names, by chunk. */
  readonly #rows = new Map<number, string>();
  readonly #isValid: KeyedShape<Value>;
  #changed = false;

  /** `isSound` says whether a stored value can be used. */
  constructor(isValid: KeyedShape<Value>) {
    this.#isValid = isValid;
  }

  /** Loads a stored row; false if some of it is unusable. The next write removes that part. */
  restore(chunk: number, stored: unknown): boolean {
    const known = decodeWithChecksum(stored);
    const all = anyRecord(known) ? Object.entries(known) : undefined;
    const valid = (all ?? []).flatMap(([name, value]) => (this.#isValid(name, value) ? [{ name, value }] : []));
    const isWhole = valid.length === all?.length;
    // A row with an unexpected number is usable, but must be moved, because nothing would overwrite it there.
    if (!isWhole || chunk !== this.#rows.size) this.#changed = true;
    this.#rows.set(chunk, isWhole ? (stored as string) : "");
    for (const { name, value } of valid) this.#entries.set(name, { value, json: undefined });
    return isWhole;
  }

  find(name: string): Value | undefined {
    return this.#entries.get(name)?.value;
  }

  /** Names and values in order of insertion. */
  *all(): Generator<[name: string, value: Value]> {
    for (const [name, { value }] of this.#entries) yield [name, value];
  }

  /** Whether there are changes to write. */
  get isChanged(): boolean {
    return this.#changed;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Length of what is stored, in characters. */
  get storedLength(): number {
    let length = 0;
    for (const row of this.#rows.values()) length += row.length;
    return length;
  }

  set(name: string, value: Value): void {
    this.#entries.set(name, { value, json: undefined });
    this.#changed = true;
  }

  delete(name: string): void {
    if (this.#entries.delete(name)) this.#changed = true;
  }

  /** Removes everything that is not named. */
  retain(names: { has(name: string): boolean }): void {
    for (const name of this.#entries.keys()) if (!names.has(name)) this.delete(name);
  }

  /** The changed rows. They count as stored from now on. */
  takeRows(): TableRow[] {
    if (!this.#changed) return [];
    this.#changed = false;
    const rows: string[] = [];
    let open = "";
    for (const [name, entry] of this.#entries) {
      entry.json ??= `${JSON.stringify(name)}:${JSON.stringify(entry.value)}`;
      if (open !== "" && open.length + entry.json.length > CHUNK_CUT_BYTES) {
        rows.push(encodeWithChecksum(`{${open}}`));
        open = "";
      }
      open += open === "" ? entry.json : `,${entry.json}`;
    }
    rows.push(encodeWithChecksum(`{${open}}`));
    const changed: TableRow[] = [];
    for (const chunk of new Set([...rows.keys(), ...this.#rows.keys()])) {
      const text = rows[chunk];
      if (text === this.#rows.get(chunk)) continue;
      changed.push({ chunk, text });
      if (text === undefined) this.#rows.delete(chunk);
      else this.#rows.set(chunk, text);
    }
    return changed;
  }
}
