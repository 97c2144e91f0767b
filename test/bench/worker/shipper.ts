import { DurableObject } from "cloudflare:workers";
import { startDeadline } from "../../../functions/lib/deadline.ts";
import { HOUR_MS } from "../../../functions/lib/time-units.ts";
import { HistoryWriter } from "../../../functions/monitor/history/history-writer.ts";
import { SampleBacklog } from "../../../functions/store/history/history-backlog.ts";
import { NOTHING_SWEPT, type RetentionState, sweepHistory } from "../../../functions/store/history/retention.ts";
import { writeHours } from "../../../functions/store/history/write-history.ts";
import type { HistoryAsked, HistoryReport } from "../asked.ts";
import { meter } from "./metered-storage.ts";

/** A full hour, far from any real one. */
const START = Date.UTC(2030, 0, 1);
const MINUTE_MS = 60_000;
/** Ticks of so many minutes: the rows of history do not depend on how many samples they hold. */
const TICK_MINUTES = 10;

/** Keeps the history of a fleet in the real D1 for simulated hours and counts the rows. */
export class BenchShipper extends DurableObject<{ DB: D1Database }> {
  async keepHours(asked: HistoryAsked): Promise<HistoryReport> {
    await this.ctx.storage.deleteAll();
    await this.env.DB.exec("DELETE FROM history");
    let now = START;
    let swept: RetentionState = NOTHING_SWEPT;
    const report = { rowsWritten: 0, statements: 0 };
    const db = metered(this.env.DB, report);
    const storage = meter(this.ctx.storage);
    const backlog = new SampleBacklog(storage.storage);
    const manager = new HistoryWriter({
      backlog,
      shard: 0,
      retention: { samplesDays: asked.keepSamplesHours / 24, rollupsDays: asked.keepRollupsHours / 24 },
      write: (rows) => writeHours(db, rows),
      sweep: (sweep) => sweepHistory(db, sweep),
      swept: () => swept,
      saveSwept: (state) => {
        swept = state;
      },
      now: () => now,
      startDeadline: (timeoutMs) => startDeadline(timeoutMs, Date.now()),
      log: (event) => {
        if (event.event === "error" || (event.event === "history" && !event.ok)) throw new Error(JSON.stringify(event));
      },
    });
    let objectRows = 0;
    const end = START + (asked.warmHours + asked.hours) * HOUR_MS;
    for (let slot = START; slot < end; slot += MINUTE_MS) {
      now = slot + 5_000;
      if (slot === START + asked.warmHours * HOUR_MS) {
        Object.assign(report, { rowsWritten: 0, statements: 0 });
        objectRows = storage.rows();
      }
      if (((slot - START) / MINUTE_MS) % TICK_MINUTES === 0) backlog.append("0:1", tick(slot, asked.targets));
      await manager.keep({ settledBefore: () => slot });
    }
    return { ...report, objectRows: storage.rows() - objectRows };
  }
}

const tick = (slot: number, targets: number) =>
  Array.from({ length: targets }, (_, i) => ({
    target: `target-${i}`,
    probe: "health",
    vantage: "local" as const,
    slot,
    attempt: 0,
    startedAt: slot + i,
    durationMs: 20 + (i % 100),
    outcome: "ok" as const,
  }));

/** D1 that adds up what its answers say was written; deletes count like inserts. */
function metered(db: D1Database, report: { rowsWritten: number; statements: number }): D1Database {
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement =>
    ({
      bind: (...values: unknown[]) => wrap(statement.bind(...values)),
      run: async () => {
        const result = await statement.run();
        report.rowsWritten += result.meta.rows_written;
        report.statements++;
        return result;
      },
    }) as unknown as D1PreparedStatement;
  return { prepare: (query: string) => wrap(db.prepare(query)) } as unknown as D1Database;
}
