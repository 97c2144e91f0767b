import { fromHex } from "../../lib/hex.ts";
import { type HistoryFailure, historyFailure } from "./history-failure.ts";
import { type HistoryRow, HOUR_MS, type ProbeRunCount, type Rollup, RollupBuilder } from "./history-row.ts";
import { mergeSamples } from "./merge-samples.ts";
import type { StoredSample } from "./sample-block.ts";

/** One hour of one target, merged over all owners. */
export interface HistoryHour extends Rollup {
  /** Start of the hour, epoch ms. */
  hour: number;
  /** By slot, each (probe, vantage, slot, attempt) once; null if not requested or no longer kept. */
  samples: StoredSample[] | null;
}

/** Hours without a row are absent. */
export type ReadResult = { ok: true; hours: HistoryHour[] } | { ok: false; failure: HistoryFailure };

/** Hours per query, so that an answer stays small: about 0.3 MB with samples, 2 MB without. */
const HOURS_PER_QUERY = { samples: 24, rollups: 2000 } as const;

const SELECT = `
  SELECT hour, owner, slots, runs, attempts, failures, degraded, skips, blocked, duration_sum_ms, duration_max_ms,
    probes, CASE ?4 WHEN 1 THEN hex(samples) END AS samples
  FROM history WHERE target = ?1 AND hour >= ?2 AND hour < ?3 ORDER BY hour`;

interface Stored {
  hour: number;
  owner: string;
  slots: number;
  runs: number;
  attempts: number;
  failures: number;
  degraded: number;
  skips: number;
  blocked: number;
  duration_sum_ms: number;
  duration_max_ms: number;
  probes: string;
  samples: string | null;
}

/** Reads a target's hours that start in [`from`, `to`) (epoch ms), oldest first, with samples if requested. */
export async function readHours(
  db: D1Database,
  target: string,
  range: { from: number; to: number; samples: boolean },
): Promise<ReadResult> {
  const rows: HistoryRow[] = [];
  const stepMs = HOURS_PER_QUERY[range.samples ? "samples" : "rollups"] * HOUR_MS;
  try {
    for (let from = range.from; from < range.to; from += stepMs) {
      const to = Math.min(from + stepMs, range.to);
      const statement = db.prepare(SELECT).bind(target, from / 1000, to / 1000, range.samples ? 1 : 0);
      for (const stored of (await statement.all<Stored>()).results) rows.push(historyRow(target, stored));
    }
  } catch (thrown) {
    return { ok: false, failure: historyFailure(thrown) };
  }
  const byHour = Map.groupBy(rows, (row) => row.hour);
  return { ok: true, hours: Array.from(byHour, ([hour, owned]) => ({ hour, ...mergeOwners(owned) })) };
}

/**
 * Merges what several owners wrote for one target and hour. If two ran the same slot, the later owner's samples count and
 * nothing is counted twice. Without samples only the sums are left, and such a slot counts for both.
 */
export function mergeOwners(rows: readonly HistoryRow[]): Omit<HistoryHour, "hour"> {
  const rollup = new RollupBuilder();
  const { samples, missing } = mergeSamples(rows);
  if (missing > 0) {
    for (const row of rows) rollup.addRollup(row);
    return { ...rollup.build(), samples: null };
  }
  for (const sample of samples) rollup.addSample(sample);
  return { ...rollup.build(), samples };
}

function historyRow(target: string, stored: Stored): HistoryRow {
  const { hour, owner, slots, probes, samples, duration_sum_ms, duration_max_ms, ...counts } = stored;
  return {
    target,
    hour: hour * 1000,
    owner,
    slots,
    total: { ...counts, durationSumMs: duration_sum_ms, durationMaxMs: duration_max_ms },
    probes: probeRunCounts(probes),
    samples: samples === null ? null : fromHex(samples),
  };
}

type StoredProbe = Omit<ProbeRunCount, "durationSumMs" | "durationMaxMs"> & {
  duration_sum_ms: number;
  duration_max_ms: number;
};

function probeRunCounts(json: string): Record<string, ProbeRunCount> {
  // Only writeHours writes these rows.
  const probes = JSON.parse(json) as Record<string, StoredProbe>;
  const entries = Object.entries(probes).map(([name, { duration_sum_ms, duration_max_ms, ...counts }]) => [
    name,
    { ...counts, durationSumMs: duration_sum_ms, durationMaxMs: duration_max_ms },
  ]);
  return Object.fromEntries(entries);
}
