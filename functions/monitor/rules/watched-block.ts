import type { LiveBlock } from "../../store/series/live-block.ts";
import type { RulePlan } from "./rule-plan.ts";

/** A target's series with its windows. */
export interface WatchedBlock {
  series: LiveBlock;
  windows: LiveBlock;
  plan: RulePlan;
  /** The layouts of the plan. */
  layouts: readonly [object, object];
  /** Sums of each track at the last evaluation; counts are multiplied by the track's scale. */
  last: Float64Array;
}
