import type { Family } from "../../model/metric.ts";
import type { Issue } from "../issue.ts";

/** What rules are compiled with. */
export interface RuleContext {
  /** Families that Monitors collect, by name. */
  families: ReadonlyMap<string, Family>;
  /** Names of families that are shown but not collected by a Monitor. */
  elsewhere: ReadonlySet<string>;
  /** The targets as far as they could be read: their names and own labels. */
  targets: readonly {
    name?: string | undefined;
    labels?: Readonly<Record<string, string | undefined>> | undefined;
  }[];
  /** Takes what is doubtful but stops nothing. */
  warnings: Issue[];
}
