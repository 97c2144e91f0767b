import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { HistoryNote } from "../../../functions/store/alerter/alerter-shapes.ts";
import { writeNotes } from "../../../functions/store/history/alert-history.ts";
import type { HistoryRow } from "../../../functions/store/history/history-row.ts";
import { type Sweep, type SweepResult, sweepHistory } from "../../../functions/store/history/retention.ts";
import { type WriteResult, writeHours } from "../../../functions/store/history/write-history.ts";
import { Database } from "./database.ts";

const MIGRATIONS = fileURLToPath(new URL("../../../schemas/migrations/", import.meta.url).href);

/** A database that really stores history, by the product's own statements, so that rows and pages can be counted. */
export class StoredDatabase extends Database {
  readonly #sqlite = new DatabaseSync(":memory:");
  readonly #d1 = { prepare: (sql: string) => this.#statement(sql), batch: (all: Bound[]) => this.#batch(all) };
  /** Rows that were inserted, changed or deleted. */
  rowsChanged = 0;

  constructor(...args: ConstructorParameters<typeof Database>) {
    super(...args);
    for (const file of readdirSync(MIGRATIONS).sort()) this.#sqlite.exec(readFileSync(join(MIGRATIONS, file), "utf8"));
  }

  /** What it takes on disk, bytes. */
  get sizeBytes(): number {
    const [{ page_count: pages }, { page_size: bytes }] = ["page_count", "page_size"].map((name) =>
      this.#sqlite.prepare(`PRAGMA ${name}`).get(),
    ) as [{ page_count: number }, { page_size: number }];
    return pages * bytes;
  }

  override async writeHours(rows: readonly HistoryRow[]): Promise<WriteResult> {
    const taken = await super.writeHours(rows);
    return taken.ok ? writeHours(this.#d1 as never, rows) : taken;
  }

  override async sweep(sweep?: Sweep): Promise<SweepResult> {
    const taken = await super.sweep();
    return taken.ok && sweep !== undefined ? sweepHistory(this.#d1 as never, sweep) : taken;
  }

  override async record(notes: readonly HistoryNote[]): Promise<boolean> {
    return (await super.record(notes)) && (await writeNotes(this.#d1 as never, notes)).ok;
  }

  close(): void {
    this.#sqlite.close();
  }

  #statement(sql: string, values: readonly unknown[] = []): Bound {
    return {
      bind: (...bound) => this.#statement(sql, bound),
      run: async () => {
        const named = Object.fromEntries(values.map((value, i) => [`?${i + 1}`, value as string | number]));
        const changes = Number(this.#sqlite.prepare(sql).run(named).changes);
        this.rowsChanged += changes;
        return { meta: { changes, rows_written: changes } };
      },
    };
  }

  async #batch(all: readonly Bound[]): Promise<unknown[]> {
    const results: unknown[] = [];
    for (const one of all) results.push(await one.run());
    return results;
  }
}

/** The part of a D1 statement that the product uses. */
interface Bound {
  bind(...values: unknown[]): Bound;
  run(): Promise<{ meta: { changes: number; rows_written: number } }>;
}
