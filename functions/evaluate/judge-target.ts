import type { State, Verdict } from "../model/verdict.ts";

/** A critical probe's part in its target's state. */
export interface TargetPart {
  probe: string;
  verdict: Pick<Verdict, "state" | "incidentOpen" | "skipped">;
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
  const known = parts.filter(({ verdict }) => !verdict.skipped);
  const worst = Math.max(...known.map(({ verdict }) => BADNESS.indexOf(verdict.state)));
  const state = BADNESS[worst] ?? "unknown";
  return {
    state,
    incidentOpen: parts.some(({ verdict }) => verdict.incidentOpen),
    because: known.filter(({ verdict }) => verdict.state === state).map(({ probe }) => probe),
  };
}
