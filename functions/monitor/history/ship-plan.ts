import { HOUR_MS, MINUTE_MS } from "../../lib/time-units.ts";
import type { ShippingState } from "../../store/history/history-backlog.ts";

/** How shipping is paced and bounded. */
export interface ShippingLimits {
  /** Hours of backlog kept while history refuses them; beyond, the oldest goes. */
  maxHours: number;
  /** Time that one shipment may take; more than D1 needs for an hour of the largest fleet, or it would never get by. */
  deadlineMs: number;
  /** Hours that one shipment may carry: a D1 statement or more each, and the free plan has 50 per invocation. */
  maxHoursPerShipment: number;
}

export const DEFAULT_LIMITS: ShippingLimits = { maxHours: 48, deadlineMs: 30_000, maxHoursPerShipment: 24 };

/** What a shipment shall do, and why nothing is sent where nothing is. */
export interface ShipmentPlan {
  /** Hours to give up, oldest first. */
  drop: readonly number[];
  /** Hours to send, oldest first; one that is `whole` gets no samples any more and is closed once taken. */
  send: readonly { hour: number; whole: boolean }[];
  reason: "due" | "not due" | "backing off" | "nothing to send";
}

const PERIOD_MS = 1_800_000;
/** An open hour is sent once it is half over: two writes for each target and hour in all, the second when it is whole. */
const OPEN_AFTER_MS = PERIOD_MS;
/** Shipments start this long after full and half hours at the earliest, so that the last slot has long settled. */
const MARGIN_MS = 120_000;
const MAX_BACKOFF_MS = 900_000;

/**
 * Decides what to ship. `hours` are the hours in the backlog, oldest first; `settledBefore`: no slot earlier than this
 * gets samples any more. Hours are counted and not aged for the bound, so that a prober which slept for days still
 * ships what it had.
 */
export function planShipment(
  state: ShippingState,
  now: number,
  { hours, settledBefore, maxHours }: { hours: readonly number[]; settledBefore: number; maxHours: number },
): ShipmentPlan {
  const drop = hours.slice(0, Math.max(0, hours.length - maxHours));
  // A time far ahead was written while the clock was wrong.
  if (now < state.nextAt && state.nextAt <= now + PERIOD_MS + MAX_BACKOFF_MS) {
    return { drop, send: [], reason: state.failuresInRow > 0 ? "backing off" : "not due" };
  }
  const send = hours
    .slice(drop.length)
    .map((hour) => ({ hour, whole: hour + HOUR_MS <= settledBefore }))
    .filter(({ hour, whole }) => whole || now - hour >= OPEN_AFTER_MS);
  return { drop, send, reason: send.length === 0 ? "nothing to send" : "due" };
}

/** When the next regular shipment is due: twice an hour, each shard at minutes of its own. */
export function nextShipmentAt(now: number, shard: number): number {
  const phaseMs = MARGIN_MS + (spread(shard) % (PERIOD_MS - 2 * MARGIN_MS));
  return phaseMs + PERIOD_MS * (Math.floor((now - phaseMs) / PERIOD_MS) + 1);
}

/** When to try again after the given number of refusals in a row: 1, 2, 4, 8 and then every 15 minutes. */
export function retryAt(now: number, failuresInRow: number): number {
  return now + Math.min(MINUTE_MS * 2 ** Math.min(failuresInRow - 1, 10), MAX_BACKOFF_MS);
}

/** Knuth's multiplicative hash: neighbouring shards land far apart. */
const spread = (shard: number): number => Math.imul(shard + 1, 2_654_435_761) >>> 0;
