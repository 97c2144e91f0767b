import type { Family } from "../model/metric.ts";
import { EMPTY_JOURNAL, type MemoryRow, MemoryShelf } from "./memory-shelf.ts";
import { RecentIds } from "./recent-ids.ts";
import { seal, unseal } from "./sealed-json.ts";
import { cutChunks, encodeNames, encodeValues, FULL_CHUNK_BYTES, restoreChunk } from "./series-chunk.ts";
import type { PrivateFamily } from "./series-layout.ts";
import { type LiveBlock, SeriesTable } from "./series-table.ts";
import { count, maybe, object, text, time } from "./shape.ts";
import { TellingShelf } from "./telling-shelf.ts";
import { type CommitCost, type HeadStorage, rowWriter, type WriteRow } from "./write-row.ts";

export type { CommitCost, HeadStorage } from "./write-row.ts";

/** What is stored beside the numbers; each owner of a field reads and writes only its own. */
export interface Meta {
  /** Start of the newest slot that was run, epoch ms; 0 before the first. */
  lastSlot: number;
  /** Grid that `lastSlot` was run on. */
  gridMs: number;
  /** Hash of the config that the series were last reconciled with. */
  configHash: string;
  /** Ticks committed; part of the version of what is shown. */
  commits?: number;
  [owner: string]: unknown;
}

const isMeta = object({ lastSlot: time, gridMs: count, configHash: text, commits: maybe(count) });

const SCHEMA = [
  "CREATE TABLE IF NOT EXISTS series (chunk INTEGER PRIMARY KEY, names TEXT NOT NULL, data BLOB NOT NULL)",
  "CREATE TABLE IF NOT EXISTS memory (chunk INTEGER PRIMARY KEY, targets TEXT NOT NULL)",
  "CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 0), meta TEXT NOT NULL, journal TEXT NOT NULL)",
];

interface WrittenChunk {
  blocks: readonly LiveBlock[];
  layouts: readonly object[];
}

/**
 * A Monitor's state: series, tellings, memories and meta, in memory and in the object's SQLite. Changes are made in memory and
 * written together by `commit`; where that throws, memory is ahead of storage and the head must be loaded anew.
 */
export class Head {
  readonly table: SeriesTable;
  readonly memories = new MemoryShelf();
  readonly tellings: TellingShelf;
  readonly recentIds: RecentIds;
  readonly #storage: HeadStorage;
  #written: WrittenChunk[] = [];
  #writtenStructure = -1;
  #metaJson: string;
  meta: Meta;
  /** Chunks that could not be read when the head was loaded, in words; their series begin again at 0. */
  readonly unreadable: string[] = [];
  /** Memory may be ahead of storage: a commit has failed, or what led to it. */
  #spoiled = false;

  constructor(storage: HeadStorage, families: readonly (Family | PrivateFamily)[]) {
    this.#storage = storage;
    this.table = new SeriesTable(families);
    for (const statement of SCHEMA) storage.sql.exec(statement);
    for (const row of storage.sql.exec("SELECT chunk, names, data FROM series ORDER BY chunk")) {
      const got = restoreChunk(this.table, row["names"], row["data"]);
      if (!got.ok) this.unreadable.push(`series ${row["chunk"]}: ${got.why}`);
    }
    for (const { chunk, targets } of storage.sql.exec("SELECT chunk, targets FROM memory ORDER BY chunk"))
      if (!this.memories.restore(Number(chunk), targets)) this.unreadable.push(`memory ${chunk}: damaged`);
    const [row] = storage.sql.exec("SELECT meta, journal FROM head");
    if (row !== undefined && !this.memories.replay(row["journal"])) this.unreadable.push("journal: damaged");
    const stored = unseal(row?.["meta"]);
    const meta = isMeta(stored) ? (stored as Meta) : undefined;
    if (row !== undefined && meta === undefined) this.unreadable.push("meta: damaged");
    this.tellings = new TellingShelf(storage, families);
    for (const why of this.tellings.unreadable) this.unreadable.push(`telling ${why}`);
    this.recentIds = new RecentIds(storage);
    this.unreadable.push(...this.recentIds.unreadable);
    this.#metaJson = meta === undefined ? "" : JSON.stringify(meta);
    this.meta = meta ?? { lastSlot: 0, gridMs: 0, configHash: "" };
  }

  /** Refuses all further commits: whoever still works on this head must not store what another has left in it. */
  spoil(): void {
    this.#spoiled = true;
  }

  /** Writes all that changed in one transaction, together with what `also` writes. Where it throws, the head is spoiled. */
  commit(also: (writeRow: WriteRow) => void = () => {}): CommitCost {
    if (this.#spoiled) throw new Error("Cannot commit: memory may be ahead of storage.");
    const cost: CommitCost = { rows: 0, bytes: 0 };
    const writeRow = rowWriter(this.#storage, cost);
    this.#spoiled = true;
    this.#storage.transactionSync(() => {
      this.#writeSeries(writeRow);
      this.tellings.write(writeRow);
      this.recentIds.write(writeRow);
      const { rows, journal } = this.memories.takeChange();
      this.#writeMemories(writeRow, rows);
      also(writeRow);
      this.#writeMeta(writeRow, journal);
    });
    this.#spoiled = false;
    return cost;
  }

  #writeSeries(writeRow: WriteRow): void {
    if (this.#writtenStructure !== this.table.structure) this.#cutSeries(writeRow);
    else {
      const changed = this.#written.flatMap(({ blocks }, chunk) =>
        blocks.some((b) => b.dirty) ? [{ chunk, data: encodeValues(blocks) }] : [],
      );
      if (changed.some(({ data }) => data.byteLength > FULL_CHUNK_BYTES)) this.#cutSeries(writeRow);
      else for (const { chunk, data } of changed) this.#writeValues(writeRow, chunk, data);
    }
    for (const b of this.table.blocks.values()) b.dirty = false;
  }

  /** Cuts the table into chunks, as before where nothing speaks against it, and writes those that are new or changed. */
  #cutSeries(writeRow: WriteRow): void {
    const chunks = cutChunks(this.table.blocks.values());
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
      writeRow(0, "DELETE FROM series WHERE chunk < 0 OR chunk >= ?", chunks.length);
    this.#written.length = chunks.length;
    this.#writtenStructure = this.table.structure;
  }

  #writeChunk(writeRow: WriteRow, chunk: number, blocks: readonly LiveBlock[]): void {
    const data = encodeValues(blocks);
    const names = encodeNames(blocks);
    const bytes = data.byteLength + names.length;
    writeRow(bytes, "INSERT OR REPLACE INTO series VALUES (?, ?, ?)", chunk, names, data);
  }

  #writeValues(writeRow: WriteRow, chunk: number, data: ArrayBuffer): void {
    writeRow(data.byteLength, "UPDATE series SET data = ? WHERE chunk = ?", data, chunk);
  }

  #writeMemories(writeRow: WriteRow, rows: readonly MemoryRow[]): void {
    for (const { chunk, text } of rows) {
      if (text === undefined) writeRow(0, "DELETE FROM memory WHERE chunk = ?", chunk);
      else writeRow(text.length, "INSERT OR REPLACE INTO memory VALUES (?, ?)", chunk, text);
    }
  }

  /** One row for both, since each commit of a tick changes both. */
  #writeMeta(writeRow: WriteRow, journal: string | undefined): void {
    const json = JSON.stringify(this.meta);
    if (json === this.#metaJson && journal === undefined) return;
    const bytes = json.length + (journal?.length ?? 0);
    if (journal === undefined) {
      const sql = `INSERT INTO head VALUES (0, ?1, '${EMPTY_JOURNAL}') ON CONFLICT (id) DO UPDATE SET meta = ?1`;
      writeRow(bytes, sql, seal(json));
    } else writeRow(bytes, "INSERT OR REPLACE INTO head VALUES (0, ?, ?)", seal(json), journal);
    this.#metaJson = json;
  }
}
