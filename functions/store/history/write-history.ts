import { toHex } from "../../lib/hex.ts";
import { type HistoryFailure, historyFailure } from "./history-failure.ts";
import type { HistoryRow, ProbeRunCount } from "./history-row.ts";

/** Largest parameter that is sent: D1 takes 2 MB, and its local stand-in does not enforce it. */
const MAX_PARAMETER_BYTES = 1_500_000;

/**
 * Larger samples are left out of their row, which keeps its rollup: hex doubles their size, and a row must fit into one
 * parameter. This is enough for about 100,000 samples; a target with 12 probes, 8 vantages and a 10 s grid makes 35,000.
 */
const MAX_SAMPLES_BYTES = 700_000;

/** Rows and statements are counted by D1. After a failure, rows written before it stay written. */
export type WriteResult =
  | { ok: true; rowsWritten: number; statements: number }
  | { ok: false; failure: HistoryFailure; rowsWritten: number; statements: number };

// An owner's row only grows. A row with as many runs is the same row, and one with fewer is a late duplicate of an older
// write: neither replaces the stored row, nor costs a write.
const UPSERT = `
  INSERT INTO history (target, hour, owner, slots, runs, attempts, failures, degraded, skips, blocked,
    duration_sum_ms, duration_max_ms, probes, samples)
  SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9,
    value->>10, value->>11, value->>12, unhex(value->>13)
  FROM json_each(?1) WHERE true
  ON CONFLICT (target, hour, owner) DO UPDATE SET
    slots = excluded.slots, runs = excluded.runs, attempts = excluded.attempts, failures = excluded.failures,
    degraded = excluded.degraded, skips = excluded.skips, blocked = excluded.blocked,
    duration_sum_ms = excluded.duration_sum_ms, duration_max_ms = excluded.duration_max_ms,
    probes = excluded.probes, samples = excluded.samples
  WHERE excluded.runs > history.runs`;

/**
 * Writes rows to history in bulk: one statement per 1.5 MB. A row replaces the previous one of its (target, hour, owner).
 * Repeating a row, or sending an older state of it, changes and costs nothing.
 */
export async function writeHours(db: D1Database, rows: readonly HistoryRow[]): Promise<WriteResult> {
  let rowsWritten = 0;
  let statements = 0;
  for (const parameter of parameters(rows)) {
    try {
      const { meta } = await db.prepare(UPSERT).bind(parameter).run();
      rowsWritten += meta.rows_written;
      statements++;
    } catch (thrown) {
      return { ok: false, failure: historyFailure(thrown), rowsWritten, statements };
    }
  }
  return { ok: true, rowsWritten, statements };
}

/** JSON arrays of rows, each within `MAX_PARAMETER_BYTES`; made one at a time, because together they may be large. */
function* parameters(rows: Iterable<HistoryRow>): Generator<string> {
  const encoder = new TextEncoder();
  let batch: string[] = [];
  let sizeBytes = 0;
  for (const row of rows) {
    const json = rowJson(row);
    const rowBytes = encoder.encode(json).length + 1;
    if (rowBytes + 1 > MAX_PARAMETER_BYTES) {
      throw new RangeError(`Cannot write a history row of ${rowBytes} bytes: the limit is ${MAX_PARAMETER_BYTES}`);
    }
    if (sizeBytes + rowBytes + 1 > MAX_PARAMETER_BYTES) {
      yield `[${batch.join()}]`;
      batch = [];
      sizeBytes = 0;
    }
    batch.push(json);
    sizeBytes += rowBytes;
  }
  if (batch.length > 0) yield `[${batch.join()}]`;
}

function rowJson({ target, hour, owner, slots, total, probes, samples }: HistoryRow): string {
  const { runs, attempts, failures, degraded, skips, blocked, durationSumMs, durationMaxMs } = total;
  const hourSeconds = hour / 1000;
  const numbers = [slots, runs, attempts, failures, degraded, skips, blocked, durationSumMs, durationMaxMs];
  const hex = samples === null || samples.length > MAX_SAMPLES_BYTES ? null : toHex(samples);
  return JSON.stringify([target, hourSeconds, owner, ...numbers, probesJson(probes), hex]);
}

function probesJson(probes: Readonly<Record<string, ProbeRunCount>>): string {
  const entries = Object.entries(probes).map(([name, { durationSumMs, durationMaxMs, reasons, ...counts }]) => [
    name,
    { ...counts, duration_sum_ms: durationSumMs, duration_max_ms: durationMaxMs, reasons },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}
