import type { Family } from "../model/metric.ts";
import { decodeWithChecksum, encodeWithChecksum } from "./checksummed-json.ts";
import type { TableRow } from "./chunked-table.ts";
import { type MetaForm, readMeta } from "./meta-form.ts";
import type { MonitorMeta } from "./monitor-meta.ts";
import { EMPTY_JOURNAL, ProbeStateStore } from "./probe-state-store.ts";
import { RecentIds } from "./recent-ids.ts";
import { healSeries } from "./series/heal-series.ts";
import { ReportedTotalsTable } from "./series/reported-totals-table.ts";
import type { PrivateFamily } from "./series/series-layout.ts";
import { SeriesRows } from "./series/series-rows.ts";
import { SeriesTable } from "./series/series-table.ts";
import { type CommitCost, type HeadStorage, rowWriter, type WriteRow } from "./write-row.ts";

export type { CommitCost, HeadStorage } from "./write-row.ts";

const SCHEMA = [
  "CREATE TABLE IF NOT EXISTS memory (chunk INTEGER PRIMARY KEY, targets TEXT NOT NULL)",
  "CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 0), meta TEXT NOT NULL, journal TEXT NOT NULL)",
];

/**
 * A Monitor's state: series, reported totals, memories and meta, in memory and in the object's SQLite. Changes are made in
 * memory and written together by `commit`. If that throws, memory is ahead of storage and the head must be reloaded.
 */
export class Head<Meta = MonitorMeta> {
  readonly table: SeriesTable;
  readonly memories = new ProbeStateStore();
  readonly reportedTotals: ReportedTotalsTable;
  readonly recentIds: RecentIds;
  readonly #storage: HeadStorage;
  readonly #rows: SeriesRows;
  #metaJson: string;
  meta: Meta;
  /** Descriptions of chunks that could not be read when the head was loaded. Their series restart at 0. */
  readonly unreadable: string[] = [];
  /** Memory may be ahead of storage, because a commit or the work before it failed. */
  #isInvalid = false;

  constructor(storage: HeadStorage, families: readonly (Family | PrivateFamily)[], form: MetaForm<Meta>) {
    this.#storage = storage;
    this.table = new SeriesTable(families);
    for (const statement of SCHEMA) storage.sql.exec(statement);
    this.#rows = new SeriesRows(storage, "series", this.table);
    for (const why of [...this.#rows.unreadable, ...healSeries(this.table)]) this.unreadable.push(`series ${why}`);
    for (const { chunk, targets } of storage.sql.exec("SELECT chunk, targets FROM memory ORDER BY chunk"))
      if (!this.memories.restore(Number(chunk), targets)) this.unreadable.push(`memory ${chunk}: damaged`);
    const [row] = storage.sql.exec("SELECT meta, journal FROM head");
    if (row !== undefined && !this.memories.replay(row["journal"])) this.unreadable.push("journal: damaged");
    const stored = decodeWithChecksum(row?.["meta"]);
    const { meta, damaged } = readMeta(form, stored);
    if (row !== undefined) this.unreadable.push(...damaged);
    this.reportedTotals = new ReportedTotalsTable(storage, families);
    for (const why of this.reportedTotals.unreadable) this.unreadable.push(`reported totals ${why}`);
    this.recentIds = new RecentIds(storage);
    this.unreadable.push(...this.recentIds.unreadable);
    this.#metaJson = damaged.length > 0 ? "" : JSON.stringify(meta);
    this.meta = meta;
  }

  /** Refuses further commits: code that still uses this head must not store half-finished changes. */
  invalidate(): void {
    this.#isInvalid = true;
  }

  /** Writes all changes in one transaction, together with what `also` writes. If it throws, the head is invalid. */
  commit(also: (writeRow: WriteRow) => void = () => {}): CommitCost {
    if (this.#isInvalid) throw new Error("Cannot commit: memory may be ahead of storage.");
    const cost: CommitCost = { rows: 0, bytes: 0 };
    const writeRow = rowWriter(this.#storage, cost);
    this.#isInvalid = true;
    this.#storage.transactionSync(() => {
      this.#rows.write(writeRow);
      this.reportedTotals.write(writeRow);
      this.recentIds.write(writeRow);
      const { rows, journal } = this.memories.takeChange();
      this.#writeMemories(writeRow, rows);
      also(writeRow);
      this.#writeMeta(writeRow, journal);
    });
    this.#isInvalid = false;
    return cost;
  }

  #writeMemories(writeRow: WriteRow, rows: readonly TableRow[]): void {
    for (const { chunk, text } of rows) {
      if (text === undefined) writeRow(0, "DELETE FROM memory WHERE chunk = ?", chunk);
      else writeRow(text.length, "INSERT OR REPLACE INTO memory VALUES (?, ?)", chunk, text);
    }
  }

  /** One row for both, because each tick changes both. */
  #writeMeta(writeRow: WriteRow, journal: string | undefined): void {
    const json = JSON.stringify(this.meta);
    if (json === this.#metaJson && journal === undefined) return;
    const bytes = json.length + (journal?.length ?? 0);
    if (journal === undefined) {
      const sql = `INSERT INTO head VALUES (0, ?1, '${EMPTY_JOURNAL}') ON CONFLICT (id) DO UPDATE SET meta = ?1`;
      writeRow(bytes, sql, encodeWithChecksum(json));
    } else writeRow(bytes, "INSERT OR REPLACE INTO head VALUES (0, ?, ?)", encodeWithChecksum(json), journal);
    this.#metaJson = json;
  }
}
