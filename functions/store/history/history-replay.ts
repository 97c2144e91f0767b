import { fromHex } from "../../lib/hex.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import { TARGETS } from "./each-target.ts";
import type { OwnedSamples } from "./merge-samples.ts";

/** Runs statements on a copy of D1's history in one call and returns the rows of each; throws if that fails. */
export type AskHistory = (statements: readonly string[]) => readonly (readonly Record<string, unknown>[])[];

/** Selects rows of hours that start in [`from`, `to`), epoch ms, of one target or all. */
export interface ReplayRange {
  from: number;
  to: number;
  target?: string | undefined;
}

/** What history has about a target. */
export interface TargetHistory {
  target: string;
  /** Number of hours with a row. */
  hours: number;
  /** Number of those hours in which some owner's samples are no longer kept. */
  stripped: number;
  /** Start of the first hour with samples, epoch ms; absent if none has any. */
  firstAt?: number;
  /** Number of runs by probe. */
  runs: Readonly<Record<string, number>>;
}

/** An hour with samples, and their size over all targets. */
export interface HourSize {
  /** Epoch ms. */
  hour: number;
  sizeBytes: number;
}

/** Packed samples of one target and hour. */
export interface ReplayRow extends OwnedSamples {
  target: string;
  /** Start of the hour, epoch ms. */
  hour: number;
  samples: Uint8Array;
}

/** A recorded incident; times in epoch ms. */
export interface RecordedIncident {
  target: string;
  openedAt: number;
  /** Absent while it is open. */
  closedAt?: number;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Start of a statement that defines `held`: the selected rows of history. */
function rowsOf({ from, to, target }: ReplayRange): string {
  const hours = `hour >= ${Math.floor(from / 1000)} AND hour < ${Math.ceil(to / 1000)}`;
  if (target !== undefined) return `WITH held AS (SELECT * FROM history WHERE target = ${quoted(target)} AND ${hours})`;
  return `${TARGETS}, held AS (
    SELECT history.* FROM name CROSS JOIN history ON history.target = name.target WHERE ${hours})`;
}

/** Overview of a range of history, without its samples. */
export interface HistoryOverview {
  targets: TargetHistory[];
  /** Hours with samples, oldest first. */
  hours: HourSize[];
  /** Whether this copy has a table of incidents. */
  hasIncidents: boolean;
}

/** Reads the overview of a range with one call. */
export function readOverview(ask: AskHistory, range: ReplayRange): HistoryOverview {
  const begin = rowsOf(range);
  const [counted = [], kept = [], hours = [], tables = []] = ask([
    `${begin} SELECT held.target AS target, probe.key AS probe, sum(probe.value->>'runs') AS runs
      FROM held, json_each(held.probes) AS probe GROUP BY 1, 2 ORDER BY 1, 2`,
    `${begin} SELECT target, count(DISTINCT hour) AS hours,
        count(DISTINCT CASE WHEN samples IS NULL THEN hour END) AS stripped,
        min(CASE WHEN samples IS NOT NULL THEN hour END) AS first
      FROM held GROUP BY target ORDER BY target`,
    `${begin} SELECT hour, sum(length(samples)) AS bytes
      FROM held WHERE samples IS NOT NULL GROUP BY hour ORDER BY hour`,
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'incident'",
  ]);
  const runs = new Map<string, Record<string, number>>();
  for (const { target, probe, runs: count } of counted) {
    const of = runs.get(String(target)) ?? {};
    of[String(probe)] = Number(count);
    runs.set(String(target), of);
  }
  const targets = kept.map(({ target, hours: count, stripped, first }) => ({
    target: String(target),
    hours: Number(count),
    stripped: Number(stripped),
    ...(first === null ? {} : { firstAt: Number(first) * 1000 }),
    runs: runs.get(String(target)) ?? {},
  }));
  return {
    targets,
    hours: hours.map(({ hour, bytes }) => ({ hour: Number(hour) * 1000, sizeBytes: Number(bytes) })),
    hasIncidents: tables.length > 0,
  };
}

/** The samples of a range, by hour, then target. As text they are twice as large as packed, so request few hours at once. */
export function readReplayRows(ask: AskHistory, range: ReplayRange): ReplayRow[] {
  const begin = rowsOf(range);
  const sql = `${begin} SELECT target, hour, owner, hex(samples) AS samples
    FROM held WHERE samples IS NOT NULL ORDER BY hour, target, owner`;
  const [rows = []] = ask([sql]);
  return rows.map(({ target, hour, owner, samples }) => ({
    target: String(target),
    hour: Number(hour) * 1000,
    owner: String(owner),
    samples: fromHex(String(samples)),
  }));
}

/** Groups hours so that the packed samples of a group are at most `maxBytes`, or of a single hour. */
export function replayPages(hours: readonly HourSize[], maxBytes: number): { from: number; to: number }[] {
  const pages: { from: number; to: number; sizeBytes: number }[] = [];
  for (const { hour, sizeBytes } of hours) {
    const last = pages.at(-1);
    if (last !== undefined && last.sizeBytes + sizeBytes <= maxBytes) {
      last.to = hour + HOUR_MS;
      last.sizeBytes += sizeBytes;
    } else pages.push({ from: hour, to: hour + HOUR_MS, sizeBytes });
  }
  return pages.map(({ from, to }) => ({ from, to }));
}

/** Incidents that were open at any time in [`from`, `to`), oldest first. */
export function readIncidents(ask: AskHistory, { from, to, target }: ReplayRange): RecordedIncident[] {
  const sql = `SELECT target, opened_ms, closed FROM incident
    WHERE opened_ms < ${Math.ceil(to)} AND (closed IS NULL OR closed >= ${Math.floor(from / 1000)})
      ${target === undefined ? "" : `AND target = ${quoted(target)}`}
    ORDER BY opened_ms, target`;
  const [rows = []] = ask([sql]);
  return rows.map(({ target: of, opened_ms, closed }) => ({
    target: String(of),
    openedAt: Number(opened_ms),
    ...(closed === null ? {} : { closedAt: Number(closed) * 1000 }),
  }));
}
