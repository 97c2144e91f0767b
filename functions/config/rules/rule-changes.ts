import { type InactiveRule, partRules } from "../../evaluate/rules/active-rules.ts";
import type { Config } from "../../model/config.ts";
import type { Family } from "../../model/metric.ts";
import { canonical } from "../hash.ts";
import { CATALOGUE } from "./catalogue.ts";

/** How a configuration's rules differ from those that are shipped; names, in the order of the rules. */
export interface RuleChanges {
  /** Shipped rules that are on, changed or not. */
  shipped: readonly string[];
  changed: readonly string[];
  off: readonly string[];
  own: readonly string[];
  /** On, but not evaluated, with the reason. */
  inactive: readonly InactiveRule[];
}

/** Compares a configuration's rules with the catalogue. `families`: what is collected. Pure. */
export function ruleChanges(config: Pick<Config, "rules">, families: readonly Family[]): RuleChanges {
  const rules = config.rules ?? CATALOGUE;
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const names = new Set(CATALOGUE.map(({ name }) => name));
  const differs = (rule: (typeof CATALOGUE)[number]): boolean => {
    const now = byName.get(rule.name);
    return now !== undefined && canonical(now) !== canonical(rule);
  };
  return {
    shipped: CATALOGUE.flatMap(({ name }) => (byName.has(name) ? [name] : [])),
    changed: CATALOGUE.filter(differs).map(({ name }) => name),
    off: CATALOGUE.flatMap(({ name }) => (byName.has(name) ? [] : [name])),
    own: rules.flatMap(({ name }) => (names.has(name) ? [] : [name])),
    inactive: partRules(rules, new Map(families.map((family) => [family.name, family]))).inactive,
  };
}
