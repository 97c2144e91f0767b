import { spread } from "../../lib/spread.ts";
import type { ProbePlan } from "./target.ts";

/** A plan's place in time: which target and kind it is of, and how often it runs. */
export interface Rhythm {
  target: string;
  plan: Pick<ProbePlan, "kind" | "intervalMs">;
  /** Slots are its multiples since the epoch; intervals are multiples of it. */
  gridMs: number;
}

/** How long after the multiples of its interval a plan is due, in ms: stable, and spread over the interval's slots. */
function phaseOf({ target, plan, gridMs }: Rhythm): number {
  const slots = plan.intervalMs / gridMs;
  if (!Number.isInteger(slots) || slots < 1) {
    throw new RangeError(`Cannot place ${plan.kind} every ${plan.intervalMs} ms on slots of ${gridMs} ms`);
  }
  return spread(`${target}\n${plan.kind}`, slots) * gridMs;
}

/** Whether a plan is due in the slot that starts at `slot` (epoch ms). */
export const isDue = (rhythm: Rhythm, slot: number): boolean => (slot - phaseOf(rhythm)) % rhythm.plan.intervalMs === 0;

/** Which of the plan's intervals since the epoch a slot belongs to; a new one begins where the plan is due. */
export const periodOf = (rhythm: Rhythm, slot: number): number =>
  Math.floor((slot - phaseOf(rhythm)) / rhythm.plan.intervalMs);
