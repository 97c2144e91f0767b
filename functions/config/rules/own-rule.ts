import { whyInactive } from "../../evaluate/rules/active-rules.ts";
import { findRuleKind, RULE_KINDS } from "../../evaluate/rules/kinds/registry.ts";
import type { RuleKind } from "../../evaluate/rules/rule-kind.ts";
import { ownValue } from "../../lib/own-value.ts";
import type { AnyCondition, Rule } from "../../model/alerting/rule.ts";
import { type Issue, type Path, show } from "../issue.ts";
import { read } from "../read.ts";
import { nearest, suggestion } from "../suggest.ts";
import { CATALOGUE } from "./catalogue.ts";
import { type AlertParts, alertParts } from "./rule-alert.ts";
import type { RuleContext } from "./rule-context.ts";
import { checkBy, defaultBy, selectedFamilies } from "./rule-families.ts";
import { checkSummary, checkTemplate, compileRunbook } from "./rule-texts.ts";
import { ownSection } from "./rules-section.ts";

/** Alerts that zako-watch raises itself, or prints for Prometheus, without a rule. */
const TAKEN_NAMES = ["ZakoProberStale", "ZakoProberAbsent", "ZakoDrill", "Watchdog"];
const LONGEST_NAME = 100;
const KIND_NAMES = RULE_KINDS.map(({ kind }) => kind);
const SHIPPED_NAMES = CATALOGUE.map(({ name }) => name);

/** A section as far as it could be read. */
interface FoundOwn extends AlertParts, Readonly<Record<string, unknown>> {
  by?: readonly (string | undefined)[] | undefined;
  summary?: string | undefined;
  description?: string | undefined;
  runbook?: string | undefined;
}

function wrongName(name: string): string | undefined {
  if (!/^[A-Z][A-Za-z0-9]*$/.test(name)) return "is not a rule name; use a capital letter, then letters and digits";
  if (name.length > LONGEST_NAME) return `is too long; give at most ${LONGEST_NAME} characters`;
  if (TAKEN_NAMES.includes(name)) return "is an alert that zako-watch raises itself; choose another name";
  return undefined;
}

/** Says what is wrong with an entry that names no shipped rule and gives no kind. */
function withoutKind(raw: unknown, name: string): string {
  const near = nearest(name, SHIPPED_NAMES);
  if (near !== undefined) return `is not a shipped rule; did you mean "${near}"?`;
  const own = `a rule of your own needs \`kind\`, one of ${KIND_NAMES.join(", ")}`;
  return typeof raw === "boolean" ? `is not a shipped rule; remove it (${own})` : `is not a shipped rule; ${own}`;
}

function conditionIssues({ problems, number }: RuleKind, condition: AnyCondition, path: Path): Issue[] {
  const issues = problems?.(condition) ?? [];
  const wrong = number?.problem?.(condition);
  return [
    ...issues.map((issue) => ({ path: [...path, ...issue.path], message: issue.message })),
    ...(number === undefined || wrong === undefined
      ? []
      : [{ path: [...path, number.key], message: `${number.text(condition)} ${wrong}` }]),
  ];
}

function compileKind(
  name: string,
  kind: RuleKind,
  raw: unknown,
  path: Path,
  context: RuleContext,
  issues: Issue[],
): Rule | undefined {
  const wrongs = issues.length;
  const found = (read(ownSection(kind), raw, issues, path) ?? {}) as FoundOwn;
  // Only a section that was read whole has all that a condition needs.
  const condition = issues.length === wrongs ? kind.make(found) : undefined;
  if (condition !== undefined) issues.push(...conditionIssues(kind, condition, path));

  const families = selectedFamilies(kind, found, path, context, issues);
  const subject = kind.subject?.(found);
  const by = found.by ?? subject?.labels ?? defaultBy(families);
  if (found.by !== undefined) checkBy(found.by, kind, subject ?? families, [...path, "by"], issues);

  const names = by.flatMap((label) => label ?? []);
  const parts = alertParts(found, path, { by: names, condition }, context, issues);
  // The rule's own labels are none of them: Prometheus puts those on after it has filled in the texts.
  const known = [
    ...names,
    ...(names.includes("target") ? context.targets.flatMap(({ labels }) => Object.keys(labels ?? {})) : []),
  ];
  if (found.summary !== undefined) checkSummary(found.summary, [...path, "summary"], issues);
  if (found.description !== undefined)
    checkTemplate(found.description, [...new Set(known)], [...path, "description"], issues);
  const runbook = found.runbook === undefined ? undefined : compileRunbook(found.runbook, [...path, "runbook"], issues);

  const { summary, severity, description } = found;
  if (condition === undefined || summary === undefined || severity === undefined || issues.length > wrongs)
    return undefined;
  const rule: Rule = {
    name,
    severity,
    condition,
    by: names,
    forMs: 0,
    keepFiringForMs: 0,
    summary,
    description: description ?? summary,
    ...(runbook === undefined ? {} : { runbook }),
    pager: "edge",
    ...parts,
  };
  const why = whyInactive(rule, context.families);
  if (why === undefined) return rule;
  issues.push({ path, message: `cannot be evaluated: ${why}; change its condition or \`by\`` });
  return undefined;
}

/** Compiles an entry of `rules` whose name is not shipped; undefined where something is wrong with it. */
export function compileOwnRule(
  name: string,
  raw: unknown,
  path: Path,
  context: RuleContext,
  issues: Issue[],
): Rule | undefined {
  const kind = ownValue(raw, "kind");
  const wrong = wrongName(name) ?? (kind === undefined ? withoutKind(raw, name) : undefined);
  if (wrong !== undefined) {
    issues.push({ path, message: wrong });
    return undefined;
  }
  const known = typeof kind === "string" ? findRuleKind(kind) : undefined;
  if (known !== undefined) return compileKind(name, known, raw, path, context, issues);
  const choice = typeof kind === "string" ? suggestion(kind, KIND_NAMES) : `; choose from ${KIND_NAMES.join(", ")}`;
  issues.push({ path: [...path, "kind"], message: `${show(kind, path)} is not a kind of rule${choice}` });
  return undefined;
}
