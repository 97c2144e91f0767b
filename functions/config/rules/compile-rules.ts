import { numberProblem, withNumber } from "../../evaluate/rules/condition.ts";
import { isMapping } from "../../lib/is-mapping.ts";
import type { AnyCondition, Rule } from "../../model/alerting/rule.ts";
import { ALERTER_FAMILIES } from "../../model/families/alerter-families.ts";
import type { Family } from "../../model/metric.ts";
import { canonical } from "../hash.ts";
import { type Issue, type Path, show } from "../issue.ts";
import { read } from "../read.ts";
import { CATALOGUE } from "./catalogue.ts";
import { compileOwnRule } from "./own-rule.ts";
import { type AlertParts, alertParts } from "./rule-alert.ts";
import type { RuleContext } from "./rule-context.ts";
import { reworded, type Times } from "./rule-renamed-keys.ts";
import { changeSection } from "./rules-section.ts";

/** The sections of the document that rules depend on, as far as they could be read. */
export interface RulesOfDocument {
  rules?: Readonly<Record<string, unknown>> | undefined;
  targets?: readonly (RuleContext["targets"][number] | undefined)[] | undefined;
}

interface FoundChange extends AlertParts {
  value?: number | undefined;
  window?: number | undefined;
}

function withWindow(condition: AnyCondition, windowMs: number | undefined): AnyCondition {
  return windowMs === undefined || condition.windowMs === undefined ? condition : { ...condition, windowMs };
}

const timesOf = ({ condition, forMs }: Pick<Rule, "condition" | "forMs">): Times => ({
  windowMs: condition.windowMs,
  forMs,
});

function changeRule(
  rule: Rule,
  raw: Readonly<Record<string, unknown>>,
  path: Path,
  context: RuleContext,
  issues: Issue[],
): Rule {
  if (Object.hasOwn(raw, "kind")) {
    issues.push({
      path: [...path, "kind"],
      message: `is not allowed for the shipped rule ${rule.name}; give a rule of your own another name`,
    });
    return rule;
  }
  const found = (read(changeSection(rule.condition), raw, issues, path) ?? {}) as FoundChange;
  const moved = withWindow(rule.condition, found.window);
  const condition = found.value === undefined ? moved : withNumber(moved, found.value);
  const wrong = numberProblem(condition);
  if (wrong !== undefined) issues.push({ path: [...path, "value"], message: `${show(found.value, path)} ${wrong}` });
  const parts = alertParts(found, path, { by: rule.by, condition }, context, issues);
  const changed = { ...rule, condition, ...parts };
  return { ...changed, description: reworded(rule.description, timesOf(rule), timesOf(changed)) };
}

function compileEntry(name: string, raw: unknown, context: RuleContext, issues: Issue[]): Rule | undefined {
  const path = ["rules", name];
  const shipped = CATALOGUE.find((rule) => rule.name === name);
  if (raw === null) {
    issues.push({ path, message: "is empty; set it to `false`, give it keys, or remove it" });
    return undefined;
  }
  if (shipped === undefined) return compileOwnRule(name, raw, path, context, issues);
  if (typeof raw === "boolean") return raw ? shipped : undefined;
  if (isMapping(raw)) return changeRule(shipped, raw, path, context, issues);
  issues.push({ path, message: `${show(raw, path)} is not true, false or a mapping of keys` });
  return undefined;
}

/**
 * Compiles the `rules` section to all rules that are evaluated: what is shipped, changed or left out, then one's own.
 * No rules come back where the section is absent or changes nothing: what is shipped applies, with every deployment's
 * own. `families`: what the Monitors collect; only asked for where there is a section. Pure.
 */
export function compileRules(
  { rules: section, targets = [] }: RulesOfDocument,
  families: () => readonly Family[],
  issues: Issue[],
): { rules?: readonly Rule[]; warnings: readonly Issue[] } {
  const warnings: Issue[] = [];
  if (section === undefined) return { warnings };
  const elsewhere = new Set(ALERTER_FAMILIES.map(({ name }) => name as string));
  const context: RuleContext = {
    families: new Map(families().flatMap((family) => (elsewhere.has(family.name) ? [] : [[family.name, family]]))),
    elsewhere,
    targets: targets.flatMap((target) => target ?? []),
    warnings,
  };
  const compiled = new Map(
    Object.entries(section).map(([name, raw]) => [name, compileEntry(name, raw, context, issues)]),
  );
  const shipped = CATALOGUE.flatMap((rule) => (compiled.has(rule.name) ? (compiled.get(rule.name) ?? []) : rule));
  const names = new Set(CATALOGUE.map(({ name }) => name));
  const own = [...compiled].flatMap(([name, rule]) => (names.has(name) ? [] : (rule ?? [])));
  const rules = [...shipped, ...own];
  return canonical(rules) === canonical(CATALOGUE) ? { warnings } : { rules, warnings };
}
