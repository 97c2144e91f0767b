import { runsLeftToday, spentOn } from "../../model/probing/day-budget.ts";
import type { TargetMemory } from "../../model/probing/memory.ts";
import type { ProbePlan } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { type FailingProbe, isBad } from "./failing-probes.ts";

/** With less than this share of the budget left, what writes is asked in its own turn only. */
const LEAST_SHARE = 0.1;

/** What a recheck's cost is held against. */
export interface RecheckBudget {
  kinds: ReadonlyMap<string, Pick<ProbeKind, "recheck" | "writesBytes">>;
  memory: Pick<TargetMemory, "spent">;
  /** Rechecks of the same target that run at the same time. */
  beside: readonly FailingProbe[];
  /** Epoch ms. */
  now: number;
}

/**
 * Whether a target's write budget of the day allows a recheck. What its own runs will need until midnight is never
 * touched, or a probe would have no budget, and so no verdict, in the evening. The last `recoveries` runs are kept for
 * those after a good one, so that an outage that is over is known to be. Pure.
 */
export function isAffordable(
  { target, plan, verdict }: FailingProbe,
  { kinds, memory, beside, now }: RecheckBudget,
): boolean {
  const costOf = ({ kind, options }: ProbePlan): number => kinds.get(kind)?.writesBytes(options) ?? 0;
  const cost = costOf(plan);
  if (cost === 0) return true;
  const limit = target.budgets.writeBytesPerDay;
  const sum = (plans: readonly ProbePlan[], of: (plan: ProbePlan) => number): number =>
    plans.reduce((total, one) => total + of(one), 0);
  const ownRuns = sum(target.probes, (one) => costOf(one) * runsLeftToday(one, now));
  const left =
    limit -
    spentOn(memory, now).writtenBytes -
    ownRuns -
    sum(
      beside.map((one) => one.plan),
      costOf,
    );
  if (verdict.incidentOpen && !isBad(verdict)) return left >= cost;
  const rechecked = target.probes.filter(({ kind }) => kinds.get(kind)?.recheck === "budget");
  const reserve = sum(rechecked, (one) => costOf(one) * one.thresholds.recoveries);
  return left - cost >= Math.max(LEAST_SHARE * limit, reserve);
}
