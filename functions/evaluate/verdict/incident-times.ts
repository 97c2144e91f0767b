import type { Verdict } from "../../model/probing/verdict.ts";
import type { Majority } from "./evaluate-votes.ts";
import type { Incident } from "./incident.ts";
import type { Run } from "./new-votes.ts";
import { badCount } from "./streak.ts";
import type { VerdictInput } from "./verdict-input.ts";

/** Between which runs an outage lies, however late it was confirmed or told. */
export type IncidentTimes = Pick<Verdict, "failingSince" | "recoveringSince">;

/**
 * Moves the times of an incident by one evaluation. It begins with the first failing run among those that opened it, and
 * is over with the first good run of the streak that closed it. `incident`: as the same evaluation has left it.
 */
export function moveTimes(
  { previous, plan: { thresholds }, runs, slot }: VerdictInput,
  majority: Majority,
  incident: Incident,
): IncidentTimes {
  const { failingSince, recoveringSince } = previous;
  const begun = (of: readonly Run[]): number => Math.min(...of.map(({ startedAt = slot }) => startedAt));
  const good = runs.filter(({ outcome }) => outcome !== "failed" && outcome !== "blocked");
  const goodAt = good.length === 0 ? slot : begun(good);
  if (majority === "failing") {
    const failed = runs.filter(({ outcome }) => outcome === "failed");
    const failedAt = failed.length === 0 ? slot : begun(failed);
    // The newest bit is this failure; without others within the window it is the first.
    const isFirst = badCount(incident, thresholds) <= 1;
    return { failingSince: isFirst && !previous.incidentOpen ? failedAt : failingSince, recoveringSince: 0 };
  }
  if (!previous.incidentOpen) return { failingSince, recoveringSince };
  const isOver = !incident.incidentOpen;
  const goesUp = majority === "good" || isOver;
  return { failingSince, recoveringSince: goesUp && recoveringSince === 0 ? goodAt : recoveringSince };
}
