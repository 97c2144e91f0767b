import type { LiveBlock } from "../../store/series/live-block.ts";
import type { RulePlan } from "./rule-plan.ts";

/** A target's series beside its windows. */
export interface WatchedBlock {
  series: LiveBlock;
  windows: LiveBlock;
  plan: RulePlan;
  /** The layouts that the plan was made for. */
  layouts: readonly [object, object];
  /** Each track's sums at the last evaluation, counts times the track's scale. */
  last: Float64Array;
}
