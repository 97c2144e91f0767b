import { laneOf } from "../../model/probing/placement.ts";
import { isRecheck } from "../../model/probing/recheck.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { Meta } from "../../store/head.ts";
import { count, number, object, time } from "../../store/shape.ts";

/** What is stored of a slot's rechecks, in `Meta`. */
export interface RecheckState {
  slot: number;
  /** The last attempt that was made of it. */
  attempt: number;
  /** Connection time that they have taken of the busiest lane, ms. */
  usedMs: number;
}

const isState = object({ slot: time, attempt: count, usedMs: number });

/** The rechecks of a slot so far. */
export function recheckStateOf(meta: Meta, slot: number): RecheckState {
  const stored = meta["rechecks"];
  if (!isState(stored) || (stored as RecheckState).slot !== slot) return { slot, attempt: 0, usedMs: 0 };
  return stored as RecheckState;
}

/** The same after one more attempt; other attempts than rechecks change nothing. */
export function afterAttempt(
  before: RecheckState,
  attempt: number,
  samples: readonly Sample[],
  lanes: number,
): RecheckState {
  if (!isRecheck({ attempt })) return before;
  const usedMs = new Map<string, number>();
  for (const { target, vantage, durationMs } of samples) {
    const lane = `${vantage}:${laneOf(target, lanes)}`;
    usedMs.set(lane, (usedMs.get(lane) ?? 0) + durationMs);
  }
  return { ...before, attempt, usedMs: before.usedMs + Math.max(0, ...usedMs.values()) };
}
