import type { Matcher } from "../../model/alerting/matcher.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Family } from "../../model/metric.ts";
import type { Layout } from "../../model/snapshot.ts";
import { baselineOf, readsOf } from "./condition.ts";
import { targetMatchers } from "./group-columns.ts";
import { kindOf } from "./kinds/registry.ts";
import type { BaselineSource } from "./rule-kind.ts";
import { type Place, type RuleGroup, RuleLayout } from "./rule-layout.ts";

/** A rule bound to a layout. */
export interface BoundRule {
  rule: Rule;
  /** Matchers on the target itself. */
  targets: readonly Matcher[];
  groups: readonly RuleGroup[];
  /** What it learns; undefined if nothing. */
  baseline: BaselineSource | undefined;
}

/** Looks up everything that a rule reads in a layout once, so that an evaluation only does arithmetic. */
export function bindRule(rule: Rule, layout: Layout, families: ReadonlyMap<string, Family>, place: Place): BoundRule {
  const { condition } = rule;
  return {
    rule,
    targets: readsOf(condition).flatMap(({ selector }) => targetMatchers(selector)),
    groups: kindOf(condition).bind(condition, new RuleLayout(rule, layout, families, place)),
    baseline: baselineOf(condition),
  };
}
