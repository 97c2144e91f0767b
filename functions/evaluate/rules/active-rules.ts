import { DAY_MS, MINUTE_MS } from "../../lib/time-units.ts";
import { BASELINE_LABELS, MAX_WINDOW_MS, type Rule } from "../../model/alerting/rule.ts";
import type { Family } from "../../model/metric.ts";
import { baselineOf, followed, readsOf } from "./condition.ts";

/** A rule that is not evaluated, and why. */
export interface InactiveRule {
  rule: Rule;
  why: string;
}

/** Why a rule cannot be evaluated with these families; undefined if it can. */
export function whyInactive(rule: Rule, families: ReadonlyMap<string, Family>): string | undefined {
  for (const { selector, type } of readsOf(rule.condition)) {
    const family = families.get(selector.family);
    if (family === undefined) return `metric ${selector.family} is not collected`;
    if (family.type !== type) return `metric ${selector.family} is a ${family.type}, and the rule needs a ${type}`;
    const missing = [...rule.by, ...(selector.matchers ?? []).map((m) => m.name)].find(
      (name) => !family.labels.includes(name),
    );
    if (missing !== undefined) return `metric ${selector.family} has no label ${missing}`;
    if (family.labels.includes("target") && !rule.by.includes("target"))
      return `the label target is missing in by: metric ${selector.family} has it`;
  }
  for (const { windowsMs } of followed(rule.condition)) {
    if (windowsMs.some((ms) => !(ms >= MINUTE_MS && ms <= MAX_WINDOW_MS && ms % MINUTE_MS === 0)))
      return `a window is not a whole number of minutes from 1m to ${MAX_WINDOW_MS / DAY_MS}d`;
  }
  if (baselineOf(rule.condition) !== undefined) {
    const odd = rule.by.find((name) => !(BASELINE_LABELS as readonly string[]).includes(name));
    if (odd !== undefined) return `its baseline cannot be shown with the label ${odd}`;
  }
  return undefined;
}

/** Splits rules into those that can be evaluated and those that cannot. */
export function partRules(
  rules: readonly Rule[],
  families: ReadonlyMap<string, Family>,
): { active: Rule[]; inactive: InactiveRule[] } {
  const active: Rule[] = [];
  const inactive: InactiveRule[] = [];
  for (const rule of rules) {
    const why = whyInactive(rule, families);
    if (why === undefined) active.push(rule);
    else inactive.push({ rule, why });
  }
  return { active, inactive };
}
