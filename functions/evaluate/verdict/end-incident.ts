import type { VantageState, Verdict } from "../../model/probing/verdict.ts";
import { cleared } from "./streak.ts";
import type { VerdictInput } from "./verdict-input.ts";

/**
 * What was known of a probe before its runs are judged, with its incident closed where the configuration has ended it:
 * the probe is not critical any more, or no vantage that voted in it is left. A target or probe that is gone takes its
 * verdict with it.
 */
export function previousOf({ previous, plan, vantages, vantageStates }: VerdictInput): Verdict {
  if (!previous.incidentOpen) return previous;
  const isDemoted = previous.critical && plan.critical !== true;
  const isWitnessed = vantageStates.some(({ vantage, inIncident }) => inIncident && vantages.includes(vantage));
  if (!isDemoted && isWitnessed) return previous;
  return { ...previous, ...cleared(previous), incidentOpen: false, degradedRing: 0 };
}

/** The verdict of a probe that the target does not offer: nothing is believed of it, and no incident is open. */
export const verdictNotOffered = ({ previous, plan, slot }: VerdictInput): Verdict => ({
  ...previous,
  ...cleared(previous),
  state: "unknown",
  since: previous.state === "unknown" ? previous.since : slot,
  incidentOpen: false,
  skipped: true,
  blocked: false,
  unreachable: false,
  critical: plan.critical === true,
  degradedRing: 0,
  recoveringSince: previous.incidentOpen && previous.recoveringSince === 0 ? slot : previous.recoveringSince,
});

/** A vantage's standing on a probe that the target does not offer: what it saw before says nothing any more. */
export function vantageStateNotOffered({ vote: _, ...vantageState }: VantageState): VantageState {
  return { ...vantageState, ring: 0, ringLength: 0, failing: false, inIncident: false };
}
