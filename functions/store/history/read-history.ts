import { DAY_MS, HOUR_MS } from "../../lib/time-units.ts";
import type { Incident, IncidentCause } from "../../model/alerting/incident.ts";
import { TARGETS } from "./each-target.ts";
import { type HistoryFailure, historyFailure } from "./history-failure.ts";

/** An hour of a target: runs that asked it, how many of them failed, and their mean duration. */
export interface HourMean {
  /** Start, epoch ms. */
  hour: number;
  attempts: number;
  failures: number;
  meanMs: number;
}

/** History as the status page shows it. */
export interface FleetHistory {
  /** Starts of the UTC days with results, epoch ms, by target. */
  days: ReadonlyMap<string, ReadonlySet<number>>;
  /** The last 24 hours, oldest first, by target. */
  hours: ReadonlyMap<string, readonly HourMean[]>;
  /** Incidents, the newest first. */
  incidents: readonly Incident[];
}

export type HistoryRead<T> = { ok: true; value: T } | { ok: false; failure: HistoryFailure };

/** Most incidents that are read; a fleet with more than these in 90 days has the newest of them. */
const MOST_INCIDENTS = 5_000;

// One step by index per target and day, and no row is read beyond the first of its day.
const DAYS = `${TARGETS}, day(at) AS (
    SELECT ?1 UNION ALL SELECT at + 86400 FROM day WHERE at + 86400 < ?2
  )
  SELECT name.target AS target, group_concat(day.at) AS days FROM name CROSS JOIN day
  WHERE name.target IS NOT NULL AND EXISTS (
    SELECT 1 FROM history WHERE history.target = name.target AND hour >= day.at AND hour < day.at + 86400
  ) GROUP BY name.target`;

const HOURS = `${TARGETS}
  SELECT history.target AS target, hour, sum(attempts) AS attempts, sum(failures) AS failures,
    sum(duration_sum_ms) AS duration_sum_ms
  FROM name CROSS JOIN history ON history.target = name.target WHERE hour >= ?1 GROUP BY 1, 2 ORDER BY 1, 2`;

const INCIDENTS = `
  SELECT target, opened_ms, closed, why, acknowledged_by, causes FROM incident
  WHERE opened_ms < ?2 AND (closed IS NULL OR closed >= ?1 / 1000) ORDER BY opened_ms DESC LIMIT ?3`;

/** Reads the history of all targets over `days` UTC days, the one of `now` (epoch ms) included. */
export async function readFleetHistory(db: D1Database, now: number, days: number): Promise<HistoryRead<FleetHistory>> {
  const to = now - (now % DAY_MS) + DAY_MS;
  const from = to - days * DAY_MS;
  const lastDay = now - (now % HOUR_MS) - DAY_MS;
  try {
    const [dayRows, hourRows, incidentRows] = await db.batch<Row>([
      db.prepare(DAYS).bind(from / 1000, to / 1000),
      db.prepare(HOURS).bind(lastDay / 1000),
      db.prepare(INCIDENTS).bind(from, to, MOST_INCIDENTS),
    ]);
    return {
      ok: true,
      value: {
        days: new Map(dayRows?.results.map(({ target, days: all }) => [String(target), daySet(all)])),
        hours: byTarget(hourRows?.results ?? []),
        incidents: (incidentRows?.results ?? []).map(incidentOf),
      },
    };
  } catch (thrown) {
    return { ok: false, failure: historyFailure(thrown) };
  }
}

type Row = Record<string, unknown>;

const daySet = (all: unknown): Set<number> =>
  new Set(
    String(all)
      .split(",")
      .map((seconds) => Number(seconds) * 1000),
  );

function byTarget(rows: readonly Row[]): Map<string, HourMean[]> {
  const found = new Map<string, HourMean[]>();
  for (const { target, hour, attempts, failures, duration_sum_ms: sumMs } of rows) {
    const mean: HourMean = {
      hour: Number(hour) * 1000,
      attempts: Number(attempts),
      failures: Number(failures),
      meanMs: Number(attempts) === 0 ? 0 : Number(sumMs) / Number(attempts),
    };
    const all = found.get(String(target));
    if (all === undefined) found.set(String(target), [mean]);
    else all.push(mean);
  }
  return found;
}

function incidentOf({ target, opened_ms: openedMs, closed, why, acknowledged_by: by, causes }: Row): Incident {
  return {
    id: `${String(target)}@${Number(openedMs)}`,
    target: String(target),
    state: "down",
    openedAt: Number(openedMs),
    ...(closed === null ? {} : { closedAt: Number(closed) * 1000 }),
    ...(why === "recovered" || why === "removed" ? { why } : {}),
    causes: readCauses(causes),
    ...(by === null ? {} : { acknowledgedBy: String(by) }),
  };
}

/** Text that is not a list of causes, as only a hand can have written it, counts as none. */
function readCauses(text: unknown): IncidentCause[] {
  try {
    const all: unknown = JSON.parse(String(text));
    return Array.isArray(all) ? all.filter(isCause) : [];
  } catch {
    return [];
  }
}

const isCause = (one: unknown): one is IncidentCause =>
  typeof one === "object" && one !== null && typeof (one as IncidentCause).at === "number";
