import { JsonShelf } from "./json-shelf.ts";
import type { HeadStorage, WriteRow } from "./write-row.ts";

/** A shelf in the rows of one SQL table. */
export class ShelfRows<Value> {
  readonly shelf = new JsonShelf<Value>();
  readonly #name: string;

  /** Makes the SQL table if need be and loads what it holds. */
  constructor(storage: HeadStorage, name: "rule_alert" | "rule_resolve") {
    this.#name = name;
    storage.sql.exec(`CREATE TABLE IF NOT EXISTS ${name} (chunk INTEGER PRIMARY KEY, entries TEXT NOT NULL)`);
    for (const row of storage.sql.exec(`SELECT entries FROM ${name} ORDER BY chunk`))
      this.shelf.restore(row["entries"] as string);
  }

  /** Writes the rows that changed; inside a transaction. */
  write(writeRow: WriteRow): void {
    for (const { chunk, text } of this.shelf.takeRows()) {
      if (text === undefined) writeRow(0, `DELETE FROM ${this.#name} WHERE chunk = ?`, chunk);
      else writeRow(text.length, `INSERT OR REPLACE INTO ${this.#name} VALUES (?, ?)`, chunk, text);
    }
  }
}
