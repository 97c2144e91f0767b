import type { TargetMemory } from "./memory.ts";
import type { ProbePlan, Target } from "./target.ts";
import type { Vantage } from "./vantage.ts";

/**
 * Who runs a probe in a slot. `every`: each vantage each time. `rotating`: one vantage, another each time (for calls
 * that cost the target). `relay`: one vantage first, rotating, the others at the next slot (for one blob that all see).
 */
export type Schedule = "every" | "rotating" | "relay";

/** Part of a relay that an order asks for; `sole` where there is only one vantage and it plays both. */
export type Role = "sole" | "first" | "follower";

/** One run that the Monitor asks for. Everything the prober needs travels in it: probers keep nothing. */
export interface ProbeTask {
  target: Target;
  plan: ProbePlan;
  vantage: Vantage;
  /** Start of the slot, epoch ms. */
  slot: number;
  /** 0 for the scheduled run, 1 for the confirmation of a failure, then rechecks. */
  attempt: number;
  role: Role;
  memory: TargetMemory;
}
