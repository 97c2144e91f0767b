import { ChunkedTable } from "./chunked-table.ts";
import type { KeyedShape } from "./shape.ts";
import type { HeadStorage, WriteRow } from "./write-row.ts";

/** A chunked table in the rows of one SQL table. */
export class TableWriter<Value> {
  readonly table: ChunkedTable<Value>;
  /** Descriptions of rows that could not be read completely. Unusable values are dropped. */
  readonly unreadable: string[] = [];
  readonly #name: string;

  /** Makes the SQL table if need be and loads what it holds; `isSound` says whether a stored value can be used. */
  constructor(storage: HeadStorage, name: "rule_alert" | "rule_resolve", isValid: KeyedShape<Value>) {
    this.table = new ChunkedTable(isValid);
    this.#name = name;
    storage.sql.exec(`CREATE TABLE IF NOT EXISTS ${name} (chunk INTEGER PRIMARY KEY, entries TEXT NOT NULL)`);
    for (const { chunk, entries } of storage.sql.exec(`SELECT chunk, entries FROM ${name} ORDER BY chunk`))
      if (!this.table.restore(Number(chunk), entries)) this.unreadable.push(`${name} ${chunk}: damaged`);
  }

  /** Writes changed rows; inside a transaction. */
  write(writeRow: WriteRow): void {
    for (const { chunk, text } of this.table.takeRows()) {
      if (text === undefined) writeRow(0, `DELETE FROM ${this.#name} WHERE chunk = ?`, chunk);
      else writeRow(text.length, `INSERT OR REPLACE INTO ${this.#name} VALUES (?, ?)`, chunk, text);
    }
  }
}
