import { laneOf } from "../../model/probing/placement.ts";
import { isRecheck } from "../../model/probing/recheck.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { MonitorMeta, RecheckState } from "../../store/monitor-meta.ts";

/** The rechecks of a slot so far. */
export const recheckStateOf = ({ rechecks }: MonitorMeta, slot: number): RecheckState =>
  rechecks?.slot === slot ? rechecks : { slot, attempt: 0, usedMs: 0 };

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
