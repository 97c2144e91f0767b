import { HOUR_MS, MINUTE_MS } from "../../lib/time-units.ts";
import type { ShippingState } from "../../store/history/history-backlog.ts";

/** Pace and limits of shipping. */
export interface ShippingLimits {
  /** Hours of backlog kept while history is unavailable. Beyond that, the oldest is dropped. */
  maxHours: number;
  /** Time limit of a shipment. It must exceed the time that D1 needs for an hour of the largest fleet. */
  deadlineMs: number;
  /** Hours per shipment: each takes one or more D1 statements, and the free plan allows 50 per invocation. */
  maxHoursPerShipment: number;
}

export const DEFAULT_LIMITS: ShippingLimits = { maxHours: 48, deadlineMs: 30_000, maxHoursPerShipment: 24 };

/** Work of a shipment, with the reason if nothing is sent. */
export interface ShipmentPlan {
  /** Hours to drop, oldest first. */
  drop: readonly number[];
  /** Hours to send, oldest first. A `whole` hour gets no more samples and is closed after sending. */
  send: readonly { hour: number; whole: boolean }[];
  reason: "due" | "not due" | "backing off" | "nothing to send";
}

const PERIOD_MS = 1_800_000;
/** An open hour is sent after half an hour: two writes per target and hour, the second when it is complete. */
const OPEN_AFTER_MS = PERIOD_MS;
/** Earliest start of shipments after full and half hours, so that the last slot is complete. */
const MARGIN_MS = 120_000;
const MAX_BACKOFF_MS = 900_000;

/**
 * Decides what to ship. `hours`: hours in the backlog, oldest first; `settledBefore`: no slot earlier than this gets more
 * samples. The limit is a number of hours, not an age, so that a prober that was stopped for days still ships its backlog.
 */
export function planShipment(
  state: ShippingState,
  now: number,
  { hours, settledBefore, maxHours }: { hours: readonly number[]; settledBefore: number; maxHours: number },
): ShipmentPlan {
  const drop = hours.slice(0, Math.max(0, hours.length - maxHours));
  // A time far in the future was written while the clock was wrong.
  if (now < state.nextAt && state.nextAt <= now + PERIOD_MS + MAX_BACKOFF_MS) {
    return { drop, send: [], reason: state.failuresInRow > 0 ? "backing off" : "not due" };
  }
  const send = hours
    .slice(drop.length)
    .map((hour) => ({ hour, whole: hour + HOUR_MS <= settledBefore }))
    .filter(({ hour, whole }) => whole || now - hour >= OPEN_AFTER_MS);
  return { drop, send, reason: send.length === 0 ? "nothing to send" : "due" };
}

/** When the next regular shipment is due: twice an hour, at different minutes per shard. */
export function nextShipmentAt(now: number, shard: number): number {
  const phaseMs = MARGIN_MS + (spread(shard) % (PERIOD_MS - 2 * MARGIN_MS));
  return phaseMs + PERIOD_MS * (Math.floor((now - phaseMs) / PERIOD_MS) + 1);
}

/** When to retry after a number of consecutive failures: after 1, 2, 4, 8 and then every 15 minutes. */
export function retryAt(now: number, failuresInRow: number): number {
  return now + Math.min(MINUTE_MS * 2 ** Math.min(failuresInRow - 1, 10), MAX_BACKOFF_MS);
}

/** Knuth's multiplicative hash: adjacent shards get distant values. */
const spread = (shard: number): number => Math.imul(shard + 1, 2_654_435_761) >>> 0;
