import type { Incident } from "../../../functions/model/alerting/incident.ts";
import type { HistoryNote } from "../../../functions/store/alerter/alerter-shapes.ts";
import type { HistoryRow } from "../../../functions/store/history/history-row.ts";
import type { Sweep, SweepResult } from "../../../functions/store/history/retention.ts";
import type { WriteResult } from "../../../functions/store/history/write-history.ts";
import type { Clock } from "./clock.ts";

/** D1: takes history, or is down. Only what it keeps is the record. */
export class Database {
  isDown = false;
  /** Told of each call. */
  onCall: () => void = () => {};
  /** How long a call takes, ms. */
  takesMs = 40;
  /** By id, as last written. */
  readonly incidents = new Map<string, Incident>();
  rowsWritten = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async writeHours(rows: readonly HistoryRow[]): Promise<WriteResult> {
    this.onCall();
    await this.#clock.sleep(this.takesMs);
    if (this.isDown) return { ok: false, failure: "unreachable", rowsWritten: 0, statements: 1 };
    this.rowsWritten += rows.length;
    return { ok: true, rowsWritten: rows.length, statements: 1 };
  }

  async sweep(_sweep?: Sweep): Promise<SweepResult> {
    this.onCall();
    await this.#clock.sleep(this.takesMs);
    if (this.isDown) return { ok: false, failure: "unreachable" };
    return { ok: true, stripped: 0, deleted: 0, complete: true };
  }

  async record(notes: readonly HistoryNote[]): Promise<boolean> {
    this.onCall();
    await this.#clock.sleep(this.takesMs);
    if (this.isDown) return false;
    for (const note of notes) {
      this.rowsWritten++;
      if (note.kind === "incident") this.incidents.set(note.incident.id, note.incident);
    }
    return true;
  }
}
