import type { Alert, Resolve } from "../../model/alerting/alert.ts";
import type { WatchEvent } from "../../model/watch-event.ts";

/** Result of one evaluation of all rules. */
export interface RuleOutcome {
  /** All firing alerts, new or not. */
  firing: Alert[];
  /** Alerts that ended in this evaluation. */
  resolved: Resolve[];
  /** Alerts that began or ended, for the log. */
  changes: Omit<Extract<WatchEvent, { event: "alert" }>, "event">[];
  /** Descriptions of unreadable stored data; the evaluation ignored it. */
  damaged: string[];
}
