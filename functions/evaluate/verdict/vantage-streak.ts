import type { Thresholds } from "../../model/probing/target.ts";
import type { VantageState, Vote } from "../../model/probing/verdict.ts";
import { begins, cleared, ends, evaluated } from "./streak.ts";

/**
 * A vantage's standing after its newest vote, judged over its own runs by the same thresholds as the whole probe. What
 * it saw while suspect counts for nothing: its streak starts afresh, so that a broken vantage that heals does not show
 * every target as `regional`.
 */
export function nextVantageState(
  vantageState: VantageState,
  vote: Vote,
  thresholds: Thresholds,
  suspect: boolean,
): VantageState {
  if (suspect) return { ...vantageState, vote, ring: 0, ringLength: 0, failing: false };
  if (vantageState.failing && vote.recovers === false && vote.outcome !== "failed") return { ...vantageState, vote };
  const streak = evaluated(vantageState, vote.outcome === "failed");
  if (vantageState.failing && ends(streak, thresholds))
    return { ...vantageState, vote, ...cleared(streak), failing: false };
  return { ...vantageState, vote, ...streak, failing: vantageState.failing || begins(streak, thresholds) };
}
