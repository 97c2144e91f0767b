import { fromHex } from "../../lib/hex.ts";
import { type HistoryFailure, historyFailure } from "./history-failure.ts";
import { hourOf } from "./history-row.ts";
import type { OwnedSamples } from "./merge-samples.ts";

/** A row of a target: an hour by one owner. Durations are of attempts, in ms. */
export interface TargetHour extends OwnedSamples {
  /** Start, epoch ms. */
  hour: number;
  attempts: number;
  failures: number;
  durationSumMs: number;
  durationMaxMs: number;
}

/** Which rows of a target are read: hours that overlap [`from`, `to`), epoch ms; with samples, if they are asked for. */
export interface TargetRange {
  from: number;
  to: number;
  samples: boolean;
}

const SELECT = `
  SELECT hour, owner, attempts, failures, duration_sum_ms, duration_max_ms, CASE ?4 WHEN 1 THEN hex(samples) END AS samples
  FROM history WHERE target = ?1 AND hour >= ?2 AND hour < ?3 ORDER BY hour`;

/** Reads the rows of a target, the oldest first. */
export async function readTargetHistory(
  db: D1Database,
  target: string,
  { from, to, samples }: TargetRange,
): Promise<{ ok: true; value: TargetHour[] } | { ok: false; failure: HistoryFailure }> {
  try {
    const bound = [target, hourOf(from) / 1000, Math.ceil(to / 1000), samples ? 1 : 0];
    const { results } = await db
      .prepare(SELECT)
      .bind(...bound)
      .all<Record<string, unknown>>();
    return { ok: true, value: results.map(hourOfRow) };
  } catch (thrown) {
    return { ok: false, failure: historyFailure(thrown) };
  }
}

const hourOfRow = (row: Record<string, unknown>): TargetHour => ({
  hour: Number(row["hour"]) * 1000,
  owner: String(row["owner"]),
  attempts: Number(row["attempts"]),
  failures: Number(row["failures"]),
  durationSumMs: Number(row["duration_sum_ms"]),
  durationMaxMs: Number(row["duration_max_ms"]),
  samples: typeof row["samples"] === "string" && row["samples"] !== "" ? fromHex(row["samples"]) : null,
});
