import type { Verdict } from "../../../functions/model/probing/verdict.ts";

/** The verdict of a probe that has not run yet. */
export const NO_VERDICT: Verdict = {
  state: "unknown",
  since: 0,
  incidentOpen: false,
  skipped: false,
  blocked: false,
  unreachable: false,
  critical: false,
  ring: 0,
  ringLength: 0,
  degradedRing: 0,
  lastSlot: 0,
  lastAttempt: 0,
  askedAt: 0,
  failingSince: 0,
  recoveringSince: 0,
};
