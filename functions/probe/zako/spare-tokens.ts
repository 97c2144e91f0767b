import { runsLeftToday, spentOn } from "../../model/probing/day-budget.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";

/** The kind that takes tokens from the server as its own business. */
const ISSUES_TOKENS = "cas.details";
/** This share of the budget is left alone. */
const LEAST_SHARE = 0.1;

/** Whether a recheck may replace a refused token: what the target's own runs will need until midnight is never touched. */
export function hasTokensToSpare({ target, memory, slot }: Pick<ProbeTask, "target" | "memory" | "slot">): boolean {
  const limit = target.budgets.tokensPerDay;
  const needed = target.probes
    .filter(({ kind }) => kind === ISSUES_TOKENS)
    .reduce((sum, plan) => sum + runsLeftToday(plan, slot), 0);
  return limit - spentOn(memory, slot).tokens - needed - 1 >= LEAST_SHARE * limit;
}
