import type { Thresholds } from "../model/target.ts";
import type { Standing, Vote } from "../model/verdict.ts";
import { begins, cleared, ends, evaluated } from "./streak.ts";

/**
 * A vantage's standing after its newest vote, judged over its own runs by the same thresholds as the whole probe. What
 * it saw while suspect counts for nothing: its streak starts afresh, so that a broken vantage that heals does not show
 * every target as `regional`.
 */
export function holdStanding(standing: Standing, vote: Vote, thresholds: Thresholds, suspect: boolean): Standing {
  if (suspect) return { ...standing, vote, ring: 0, ringLength: 0, failing: false };
  if (standing.failing && vote.recovers === false && vote.outcome !== "failed") return { ...standing, vote };
  const streak = evaluated(standing, vote.outcome === "failed");
  if (standing.failing && ends(streak, thresholds)) return { ...standing, vote, ...cleared(streak), failing: false };
  return { ...standing, vote, ...streak, failing: standing.failing || begins(streak, thresholds) };
}
