import { DAY_MS } from "../../lib/time-units.ts";
import type { TargetMemory } from "../../model/probing/memory.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";

/** What a run may cost its target at most. */
export interface RunCost {
  writtenBytes: number;
  tokens: number;
}

/** Why an order is not run: it could take the target over what it may spend on one UTC day. */
interface OverBudget {
  budget: "writeBytesPerDay" | "tokensPerDay";
  limit: number;
  /** Spent today, and reserved by tasks admitted earlier in the same slot. */
  spent: number;
  cost: number;
}

/** The tasks that may run, in their order, and those that a budget forbids: they become `skipped` samples. */
export interface Admission<O extends ProbeTask> {
  run: O[];
  skipped: { task: O; why: OverBudget }[];
}

/**
 * Checks tasks against their targets' daily budgets, as if each had the maximum cost. `costOf` should be 0 where the
 * blob is written by another run of the same period. Spending is counted by the UTC day of the slot.
 */
export function admit<O extends ProbeTask>(tasks: readonly O[], costOf: (task: O) => RunCost): Admission<O> {
  const spent = new Map<string, RunCost>();
  const admission: Admission<O> = { run: [], skipped: [] };
  for (const task of tasks) {
    const { name, budgets } = task.target;
    const before = spent.get(name) ?? spentToday(task.memory, task.slot);
    const cost = costOf(task);
    const why =
      over("writeBytesPerDay", budgets.writeBytesPerDay, before.writtenBytes, cost.writtenBytes) ??
      over("tokensPerDay", budgets.tokensPerDay, before.tokens, cost.tokens);
    if (why !== undefined) {
      admission.skipped.push({ task, why });
      continue;
    }
    spent.set(name, { writtenBytes: before.writtenBytes + cost.writtenBytes, tokens: before.tokens + cost.tokens });
    admission.run.push(task);
  }
  return admission;
}

function spentToday({ spent }: TargetMemory, slot: number): RunCost {
  return spent.day === Math.floor(slot / DAY_MS) ? spent : { writtenBytes: 0, tokens: 0 };
}

/** A run that costs nothing is never over, not even where a lowered budget is overspent already. */
function over(budget: OverBudget["budget"], limit: number, spent: number, cost: number): OverBudget | undefined {
  return cost > 0 && spent + cost > limit ? { budget, limit, spent, cost } : undefined;
}
