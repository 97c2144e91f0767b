import type { State, Verdict } from "../../model/probing/verdict.ts";

/** A critical probe's part in its target's state. */
export interface TargetPart {
  probe: string;
  verdict: Pick<Verdict, "state" | "incidentOpen" | "skipped">;
  /** It had no result for three intervals in a row through the prober's own fault: what was known of it is stale. */
  isStale?: boolean;
}

/** What is believed of a target. */
export interface TargetVerdict {
  state: State;
  /** Some critical probe is in an open incident. */
  incidentOpen: boolean;
  /** The probes that make the state what it is. */
  because: readonly string[];
}

/** From best to worst. Not knowing is worse than slow, since it may hide anything, and better than a known failure. */
const BADNESS: readonly State[] = ["up", "degraded", "unknown", "regional", "down"];

/**
 * A target is as bad as the worst of its critical probes. Probes whose runs are all skipped are left out: a server
 * without them is not unknown. With none left the target is `unknown`.
 */
export function judgeTarget(parts: readonly TargetPart[]): TargetVerdict {
  const known = parts
    .filter(({ verdict }) => !verdict.skipped)
    .map((part) => ({ probe: part.probe, state: stateOf(part) }));
  const worst = Math.max(...known.map(({ state }) => BADNESS.indexOf(state)));
  const state = BADNESS[worst] ?? "unknown";
  return {
    state,
    incidentOpen: parts.some(({ verdict }) => verdict.incidentOpen),
    because: known.filter((one) => one.state === state).map(({ probe }) => probe),
  };
}

/** What a probe says of its target. An open incident is `down` however old its votes are: not knowing mends nothing. */
function stateOf({ verdict, isStale }: TargetPart): State {
  if (verdict.incidentOpen && (isStale === true || verdict.state === "unknown")) return "down";
  return isStale === true ? "unknown" : verdict.state;
}
