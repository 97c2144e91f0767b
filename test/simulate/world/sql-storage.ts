import { DatabaseSync, type StatementSync } from "node:sqlite";

type Row = Record<string, unknown>;
type Bound = string | number | null | Uint8Array;

/** The storage of a Durable Object, on SQLite in memory. It outlives the lives of its object. */
export class SqlStorage {
  /** Rows that statements have written. */
  rowsWritten = 0;
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, { statement: StatementSync; reads: boolean; numbered: number }>();
  #depth = 0;

  constructor() {
    this.#database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -64000");
    this.#database.exec("PRAGMA journal_mode = MEMORY");
  }

  exec(query: string, ...bindings: unknown[]): Rows {
    const known = this.#statements.get(query) ?? this.#prepare(query);
    if (known === undefined) {
      this.#database.exec(query);
      return new Rows([], 0);
    }
    const { statement, reads, numbered } = known;
    const values = bindings.map(boundOf);
    const named = numbered > 0 ? [Object.fromEntries(values.map((value, i) => [`?${i + 1}`, value]))] : values;
    if (reads) return new Rows(statement.all(...(named as Bound[])).map(rowOf), 0);
    const written = Number(statement.run(...(named as Bound[])).changes);
    this.rowsWritten += written;
    return new Rows([], written);
  }

  /** Commits what `work` wrote, or nothing of it where it throws. */
  transactionSync<T>(work: () => T): T {
    const name = `t${this.#depth++}`;
    this.#database.exec(`SAVEPOINT ${name}`);
    try {
      const result = work();
      this.#database.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      this.#database.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    } finally {
      this.#depth--;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** Undefined for several statements in one text, which take no bindings. */
  #prepare(query: string): { statement: StatementSync; reads: boolean; numbered: number } | undefined {
    if (/;\s*\S/.test(query)) return undefined;
    const known = {
      statement: this.#database.prepare(query),
      reads: /^\s*(SELECT|WITH)\b/i.test(query) || /\bRETURNING\b/i.test(query),
      numbered: /\?\d/.test(query) ? 1 : 0,
    };
    this.#statements.set(query, known);
    return known;
  }
}

/** What a statement returns, as a Durable Object's cursor does. */
class Rows<T extends Row = Row> implements Iterable<T> {
  readonly rowsWritten: number;
  readonly #rows: readonly T[];

  constructor(rows: readonly T[], rowsWritten: number) {
    this.#rows = rows;
    this.rowsWritten = rowsWritten;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#rows[Symbol.iterator]();
  }

  toArray(): T[] {
    return [...this.#rows];
  }

  one(): T {
    const [row] = this.#rows;
    if (row === undefined || this.#rows.length > 1)
      throw new Error(`Expected exactly one result from SQL query, but got ${this.#rows.length}`);
    return row;
  }
}

const boundOf = (value: unknown): Bound =>
  value instanceof ArrayBuffer ? new Uint8Array(value) : ((value ?? null) as Bound);

/** Node gives blobs as views, a Durable Object as buffers of their own. */
function rowOf(row: Row): Row {
  for (const name in row) {
    const value = row[name];
    if (value instanceof Uint8Array) row[name] = value.slice().buffer;
  }
  return row;
}
