import { DAY_MS, HOUR_MS } from "../../lib/time-units.ts";
import { object, type Shape, time } from "../shape.ts";
import { TARGETS } from "./each-target.ts";
import { type HistoryFailure, historyFailure } from "./history-failure.ts";
import { hourOf } from "./history-row.ts";

/** Progress of retention; epoch ms. */
export interface RetentionState {
  /** No sweep before this. */
  nextAt: number;
  /** Hours before this have been stripped of samples, except those that were shipped late. */
  strippedBefore: number;
}

export const isRetentionState: Shape<RetentionState> = object({ nextAt: time, strippedBefore: time });

export const NOTHING_SWEPT: RetentionState = { nextAt: 0, strippedBefore: 0 };

/** A sweep: strips samples of hours in [`stripFrom`, `stripBefore`) and deletes rows before `deleteBefore`; epoch ms. */
export interface Sweep {
  stripFrom: number;
  stripBefore: number;
  deleteBefore: number;
}

/** Rows stripped and deleted; D1 counts each as one written. `complete`: nothing due is left. */
export type SweepResult =
  | { ok: true; stripped: number; deleted: number; complete: boolean }
  | { ok: false; failure: HistoryFailure };

/** Rows that one statement changes at most, as D1 advises for large deletes. */
const MAX_ROWS_PER_STATEMENT = 1000;

const PERIOD_MS = HOUR_MS;
const RETRY_MS = 600_000;
/** Shipping may deliver an hour this late (its backlog holds 48 hours), so sweeps look back this far. */
const LATENESS_MS = 3 * DAY_MS;

/** Decides what to sweep now: once an hour, earlier after a failure or an incomplete sweep. */
export function planSweep(
  state: RetentionState,
  now: number,
  retention: { samplesDays: number; rollupsDays: number },
): Sweep | undefined {
  if (now < state.nextAt && state.nextAt <= now + PERIOD_MS) return undefined;
  return {
    stripFrom: Math.max(0, state.strippedBefore - LATENESS_MS),
    stripBefore: hourOf(now - retention.samplesDays * DAY_MS),
    deleteBefore: hourOf(now - retention.rollupsDays * DAY_MS),
  };
}

/** The state after a sweep. An incomplete sweep continues at the next wake. */
export function afterSweep(state: RetentionState, sweep: Sweep, result: SweepResult, now: number): RetentionState {
  if (!result.ok) return { ...state, nextAt: now + RETRY_MS };
  if (!result.complete) return { ...state, nextAt: now };
  return { nextAt: now + PERIOD_MS, strippedBefore: sweep.stripBefore };
}

const STRIP = `${TARGETS}, due AS (
    SELECT history.target, hour, owner FROM name CROSS JOIN history ON history.target = name.target
    WHERE hour >= ?1 AND hour < ?2 AND samples IS NOT NULL LIMIT ?3
  )
  UPDATE history SET samples = NULL FROM due
  WHERE history.target = due.target AND history.hour = due.hour AND history.owner = due.owner`;

const DELETE = `${TARGETS}, due AS (
    SELECT history.target, hour, owner FROM name CROSS JOIN history ON history.target = name.target
    WHERE hour < ?1 LIMIT ?2
  )
  DELETE FROM history WHERE (target, hour, owner) IN (SELECT target, hour, owner FROM due)`;

/** Strips samples and deletes rows that are due, at most `limit` of each. Safe to repeat. */
export async function sweepHistory(
  db: D1Database,
  sweep: Sweep,
  limit: number = MAX_ROWS_PER_STATEMENT,
): Promise<SweepResult> {
  const { stripFrom, stripBefore, deleteBefore } = sweep;
  try {
    const strip = db.prepare(STRIP).bind(stripFrom / 1000, stripBefore / 1000, limit);
    const stripped = (await strip.run()).meta.changes;
    const deleted = (
      await db
        .prepare(DELETE)
        .bind(deleteBefore / 1000, limit)
        .run()
    ).meta.changes;
    return { ok: true, stripped, deleted, complete: stripped < limit && deleted < limit };
  } catch (thrown) {
    return { ok: false, failure: historyFailure(thrown) };
  }
}
