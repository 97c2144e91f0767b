import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import type { Family } from "../../model/metric.ts";
import type { Head } from "../../store/head.ts";
import type { HeadStorage } from "../../store/write-row.ts";

/** Dependencies of a rule manager. */
export interface RuleManagerContext {
  storage: HeadStorage;
  config: Config;
  rules: readonly Rule[];
  /** All families of the head. */
  families: readonly Family[];
  head: Head;
  /** Index of the Monitor among the config's shards. */
  shard: number;
  /** Targets that are new to this Monitor; alerts that it still has of them are from the last time that it watched them. */
  regained?: ReadonlySet<string>;
  /** Epoch ms. */
  now: number;
}
