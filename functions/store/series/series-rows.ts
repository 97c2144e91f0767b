import type { HeadStorage, WriteRow } from "../write-row.ts";
import type { LiveBlock } from "./live-block.ts";
import { cutChunks, encodeNames, encodeValues, FULL_CHUNK_BYTES, restoreChunk } from "./series-chunk.ts";
import type { SeriesTable } from "./series-table.ts";

interface WrittenChunk {
  blocks: readonly LiveBlock[];
  layouts: readonly object[];
}

/** Stores a table of series in the rows of one SQL table, and writes only changed rows. */
export class SeriesRows {
  /** Descriptions of unreadable chunks. Their series start again. */
  readonly unreadable: string[] = [];
  readonly #table: SeriesTable;
  readonly #name: string;
  #written: WrittenChunk[] = [];
  #writtenStructure = -1;

  /** Creates the SQL table if necessary and loads its rows into `table`. */
  constructor(storage: HeadStorage, name: "series" | "rule_window" | "reported_totals", table: SeriesTable) {
    this.#table = table;
    this.#name = name;
    storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS ${name} (chunk INTEGER PRIMARY KEY, names TEXT NOT NULL, data BLOB NOT NULL)`,
    );
    for (const row of storage.sql.exec(`SELECT chunk, names, data FROM ${name} ORDER BY chunk`)) {
      const got = restoreChunk(table, row["names"], row["data"]);
      if (!got.ok) this.unreadable.push(`chunk ${row["chunk"]}: ${got.why}`);
    }
  }

  /** Writes all changes; inside a transaction. */
  write(writeRow: WriteRow): void {
    if (this.#writtenStructure !== this.#table.structure) this.#cut(writeRow);
    else {
      const changed = this.#written.flatMap(({ blocks }, chunk) =>
        blocks.some((b) => b.dirty) ? [{ chunk, data: encodeValues(blocks) }] : [],
      );
      // A chunk grows with its numbers, and may exceed the limit after it was split.
      if (changed.some(({ data }) => data.byteLength > FULL_CHUNK_BYTES)) this.#cut(writeRow);
      else for (const { chunk, data } of changed) this.#writeValues(writeRow, chunk, data);
    }
    for (const b of this.#table.blocks.values()) b.dirty = false;
  }

  #cut(writeRow: WriteRow): void {
    const chunks = cutChunks(this.#table.blocks.values());
    chunks.forEach((blocks, i) => {
      const was = this.#written[i];
      const layouts = blocks.map((b) => b.layout);
      const sameNames =
        was !== undefined &&
        was.blocks.length === blocks.length &&
        blocks.every((b, j) => b === was.blocks[j] && b.layout === was.layouts[j]);
      if (!sameNames) this.#writeChunk(writeRow, i, blocks);
      else if (blocks.some((b) => b.dirty)) this.#writeValues(writeRow, i, encodeValues(blocks));
      this.#written[i] = { blocks, layouts };
    });
    if (chunks.length < this.#written.length || this.#writtenStructure < 0)
      writeRow(0, `DELETE FROM ${this.#name} WHERE chunk < 0 OR chunk >= ?`, chunks.length);
    this.#written.length = chunks.length;
    this.#writtenStructure = this.#table.structure;
  }

  #writeChunk(writeRow: WriteRow, chunk: number, blocks: readonly LiveBlock[]): void {
    const data = encodeValues(blocks);
    const names = encodeNames(blocks);
    const bytes = data.byteLength + names.length;
    writeRow(bytes, `INSERT OR REPLACE INTO ${this.#name} VALUES (?, ?, ?)`, chunk, names, data);
  }

  #writeValues(writeRow: WriteRow, chunk: number, data: ArrayBuffer): void {
    writeRow(data.byteLength, `UPDATE ${this.#name} SET data = ? WHERE chunk = ?`, data, chunk);
  }
}
