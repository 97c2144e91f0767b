import { decodeWithChecksum, encodeWithChecksum } from "./checksummed-json.ts";
import { CHUNK_CUT_BYTES } from "./series/series-chunk.ts";
import { anything, type KeyedShape, record } from "./shape.ts";

interface Entry<Value> {
  value: Value;
  /** Stored form, made when it is next written. */
  json: string | undefined;
}

/** One row to write: `undefined` text means that the row is to go. */
export interface TableRow {
  chunk: number;
  text: string | undefined;
}

const anyRecord = record(anything);

/** JSON values by name, stored in rows that hold many of them each. */
export class ChunkedTable<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  /** What is stored, by chunk. */
  readonly #rows = new Map<number, string>();
  readonly #isValid: KeyedShape<Value>;
  #changed = false;

  /** `isSound` says whether a stored value can be used. */
  constructor(isValid: KeyedShape<Value>) {
    this.#isValid = isValid;
  }

  /** Takes a stored row; false where it, or a part of it, cannot be used: that part goes with the next write. */
  restore(chunk: number, stored: unknown): boolean {
    const known = decodeWithChecksum(stored);
    const all = anyRecord(known) ? Object.entries(known) : undefined;
    const valid = (all ?? []).flatMap(([name, value]) => (this.#isValid(name, value) ? [{ name, value }] : []));
    const isWhole = valid.length === all?.length;
    // A row out of its place is as good as any, but must not stay where nobody would write over it.
    if (!isWhole || chunk !== this.#rows.size) this.#changed = true;
    this.#rows.set(chunk, isWhole ? (stored as string) : "");
    for (const { name, value } of valid) this.#entries.set(name, { value, json: undefined });
    return isWhole;
  }

  find(name: string): Value | undefined {
    return this.#entries.get(name)?.value;
  }

  /** Names and values in the order in which they first came. */
  *all(): Generator<[name: string, value: Value]> {
    for (const [name, { value }] of this.#entries) yield [name, value];
  }

  /** Whether something differs from what is stored. */
  get isChanged(): boolean {
    return this.#changed;
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
