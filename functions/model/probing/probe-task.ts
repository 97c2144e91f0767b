import type { TargetMemory } from "./memory.ts";
import type { ProbePlan, Target } from "./target.ts";
import type { Vantage } from "./vantage.ts";

/**
 * Which vantages run a probe in a slot. `every`: all of them. `rotating`: one, in turn, for calls that cost the target.
 * `single_writer`: one, in turn, writes a blob, and the others read it in the next slot.
 */
export type Schedule = "every" | "rotating" | "single_writer";

/** Role in a single-writer rotation: `first` writes, `follower` reads. `sole`: the only vantage does both; also used by the other schedules. */
export type Role = "sole" | "first" | "follower";

/** One run that the Monitor requests. It carries everything the prober needs: probers keep no state. */
export interface ProbeTask {
  target: Target;
  plan: ProbePlan;
  vantage: Vantage;
  /** Start of the slot, epoch ms. */
  slot: number;
  /** 0 for the scheduled run, 1 for the confirmation of a failure, then rechecks. */
  attempt: number;
  role: Role;
  /** The target may take its whole deadline where there is not room for all: others must not wait for it. */
  mayHang?: boolean;
  memory: TargetMemory;
  /** The sample shall list the calls of the run. */
  transcript?: boolean;
}
