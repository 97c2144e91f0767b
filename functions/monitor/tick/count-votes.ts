import { type Reason, reasonAt, reasonIndex } from "../../model/probing/failure.ts";
import { isRecheck } from "../../model/probing/recheck.ts";
import type { Outcome } from "../../model/probing/sample.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import { type Verdict, VOTE_OUTCOMES } from "../../model/probing/verdict.ts";
import type { PrivateFamily } from "../../store/series/series-layout.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import type { ProbeInput } from "./probe-inputs.ts";

/**
 * Votes of failing evaluations that are not counted yet: whether they belong to an incident is known only after the next
 * evaluation. Columns: one per outcome, then the reason of most failures.
 */
export const UNDECIDED_VOTES_FAMILY: PrivateFamily = {
  name: "~undecided_votes.1",
  labels: ["target", "probe"],
  width: VOTE_OUTCOMES.length + 1,
};

/** What an evaluation came to. */
export interface EvaluatedProbe {
  verdict: Pick<Verdict, "incidentOpen" | "ring">;
  suspects: { has(vantage: Vantage): boolean };
  /** Vantages from which alone it fails, which is told with their names. */
  regional: readonly Vantage[];
  /** The probe asks what builds depend on. */
  isService: boolean;
  attempt: number;
  /** The target is in maintenance: no vote is counted, so that its end begins no alert about it. */
  isInMaintenance: boolean;
}

/**
 * Counts an evaluation's votes. Those of an incident, the failures that opened it included, never enter the counters
 * that ratio rules read: an outage must not begin an alert after its end. Also shows whether the evaluation was bad.
 */
export function countVotes(
  table: SeriesTable,
  { target, plan, runs }: Pick<ProbeInput, "target" | "plan" | "runs">,
  { verdict, suspects, regional, isService, attempt, isInMaintenance }: EvaluatedProbe,
  now: number,
): void {
  const probe = plan.kind;
  const see = (family: string, labels: Record<string, string>, value: number): void =>
    table.observe(target.name, { family, labels, value }, now);
  const counted = runs.filter(({ vantage }) => !suspects.has(vantage));
  const votes = counted.filter(({ outcome }) => voteColumn(outcome) >= 0);
  if (votes.length > 0 || counted.some(({ outcome }) => outcome === "skipped"))
    see("zako_v1_probe_failing", { probe }, votes.some(isBad) ? 1 : 0);
  if (votes.length === 0) {
    if (runs.some(({ outcome }) => outcome === "blocked"))
      leaveToRoot(table, target.name, plan, isService && !isInMaintenance, now);
    return;
  }
  // Rechecks are left out: an outage would weigh more than the same time of health.
  const scheduled = isRecheck({ attempt }) ? [] : votes;
  // What a region alone cannot reach is a warning of its own, and pages nobody as a burnt budget.
  const isAlone = ({ outcome, vantage }: ProbeInput["runs"][number]): boolean =>
    outcome === "failed" && !verdict.incidentOpen && regional.includes(vantage);
  const others = scheduled.filter((vote) => !isAlone(vote));
  const alone = scheduled.length - others.length;
  if (alone > 0 && plan.critical && isService && !isInMaintenance)
    see("zako_v1_target_votes_total", { outcome: "failed", incident: "true" }, alone);

  const { block, offset } = table.at(target.name, UNDECIDED_VOTES_FAMILY.name, { probe }, now);
  const undecided = block.values.subarray(offset, offset + UNDECIDED_VOTES_FAMILY.width);
  for (const { outcome, failure } of others) {
    const at = voteColumn(outcome);
    undecided[at] = (undecided[at] || 0) + 1;
    if (outcome === "failed") undecided[VOTE_OUTCOMES.length] = reasonIndex(failure?.reason ?? "internal") + 1;
  }
  if (isInMaintenance) return void undecided.fill(0);
  if (!verdict.incidentOpen && (verdict.ring & 1) === 1) return;
  const incident = String(verdict.incidentOpen);
  for (const [at, outcome] of VOTE_OUTCOMES.entries()) {
    const value = undecided[at] || 0;
    if (value === 0) continue;
    if (plan.critical && isService) see("zako_v1_target_votes_total", { outcome, incident }, value);
    if (verdict.incidentOpen) continue;
    see("zako_v1_probe_votes_total", { probe, outcome }, value);
    if (outcome === "failed") see("zako_v1_probe_failed_votes_total", { probe, reason: reasonOf(undecided) }, value);
  }
  // A series that has just appeared moves the others: find the place again.
  const place = table.at(target.name, UNDECIDED_VOTES_FAMILY.name, { probe }, now);
  place.block.values.fill(0, place.offset, place.offset + UNDECIDED_VOTES_FAMILY.width);
}

/**
 * Failures that are not decided on when the root of the probe's group fails as well are part of the root's outage: the probe
 * could not be asked again, so no incident of its own would ever claim them, and the mend would count them.
 */
function leaveToRoot(
  table: SeriesTable,
  target: string,
  { kind: probe, critical }: ProbeInput["plan"],
  burnsBudget: boolean,
  now: number,
): void {
  const { block, offset } = table.at(target, UNDECIDED_VOTES_FAMILY.name, { probe }, now);
  const undecided = [...block.values.subarray(offset, offset + VOTE_OUTCOMES.length)];
  block.values.fill(0, offset, offset + UNDECIDED_VOTES_FAMILY.width);
  if (!critical || !burnsBudget) return;
  for (const [at, outcome] of VOTE_OUTCOMES.entries())
    if ((undecided[at] || 0) > 0)
      table.observe(
        target,
        { family: "zako_v1_target_votes_total", labels: { outcome, incident: "true" }, value: undecided[at] as number },
        now,
      );
}

const isBad = ({ outcome, failure }: ProbeInput["runs"][number]): boolean =>
  outcome === "failed" || (outcome === "degraded" && failure?.reason !== "slow");

const OUTCOMES: readonly Outcome[] = VOTE_OUTCOMES;

/** -1 for an outcome that is no vote. */
const voteColumn = (outcome: Outcome): number => OUTCOMES.indexOf(outcome);

const reasonOf = (undecided: Float64Array): Reason => reasonAt((undecided[VOTE_OUTCOMES.length] || 1) - 1);
