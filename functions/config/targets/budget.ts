import { DAY_MS, MINUTE_MS } from "../../lib/time-units.ts";
import type { ProbePlan } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";

/** What one probe of one target costs while all is well; confirmations of failures come on top. */
export interface Cost {
  kind: string;
  /** From all vantages together. */
  callsPerMinute: number;
  writtenBytesPerDay: number;
  tokensPerDay: number;
}

/**
 * What a plan costs from so many vantages. A blob is written once per interval, whoever writes it first; a probe that
 * rotates runs from one vantage per interval, all others from each.
 */
export function costOf(plan: ProbePlan, kind: ProbeKind, vantages: number): Cost {
  const runs = kind.schedule === "rotating" ? 1 : vantages;
  const perDay = DAY_MS / plan.intervalMs;
  return {
    kind: plan.kind,
    callsPerMinute: (runs * kind.calls(plan.options) * MINUTE_MS) / plan.intervalMs,
    writtenBytesPerDay: Math.ceil(perDay * kind.writesBytes(plan.options)),
    tokensPerDay: Math.ceil(perDay * runs * kind.tokensIssued),
  };
}

/** The sum over a target's probes. */
export function totalCost(costs: readonly Cost[]): Omit<Cost, "kind"> {
  const sum = (of: (cost: Cost) => number): number => costs.reduce((total, cost) => total + of(cost), 0);
  return {
    callsPerMinute: sum((cost) => cost.callsPerMinute),
    writtenBytesPerDay: sum((cost) => cost.writtenBytesPerDay),
    tokensPerDay: sum((cost) => cost.tokensPerDay),
  };
}
