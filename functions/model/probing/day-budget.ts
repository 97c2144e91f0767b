import { DAY_MS } from "../../lib/time-units.ts";
import type { TargetMemory } from "./memory.ts";
import type { ProbePlan } from "./target.ts";

/** What was spent on the UTC day that holds `at` (epoch ms). */
export function spentOn({ spent }: Pick<TargetMemory, "spent">, at: number): { writtenBytes: number; tokens: number } {
  return spent.day === Math.floor(at / DAY_MS) ? spent : { writtenBytes: 0, tokens: 0 };
}

/** How many of a plan's own runs are still to come on the UTC day that holds `at` (epoch ms), the present one included. */
export const runsLeftToday = ({ intervalMs }: Pick<ProbePlan, "intervalMs">, at: number): number =>
  Math.ceil((DAY_MS - (at % DAY_MS)) / intervalMs);
