import { numberProblem, withNumber } from "../../evaluate/rules/condition.ts";
import type { Severity } from "../../model/alerting/alert.ts";
import type { Matcher } from "../../model/alerting/matcher.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import { parseMatchers } from "../../model/alerting/parse-matchers.ts";
import type { Rule, RuleOverride } from "../../model/alerting/rule.ts";
import { type Issue, type Path, show } from "../issue.ts";
import { nearest } from "../suggest.ts";
import type { RuleContext } from "./rule-context.ts";

/** An override as far as it could be read; `value` in the unit of the model. */
export interface FoundOverride {
  match?: string | readonly (string | undefined)[] | undefined;
  value?: number | undefined;
  severity?: Severity | undefined;
  off?: true | undefined;
}

/** The rule that overrides are of; without a condition where that could not be read. */
export interface Overridden {
  by: Rule["by"];
  condition: Rule["condition"] | undefined;
}

/** Labels that an override can match on, beside the rule's own: those of targets, where alerts are of targets. */
const labelsOf = ({ targets }: RuleContext): string[] => [
  ...new Set(targets.flatMap(({ labels }) => Object.keys(labels ?? {}))),
];

function readMatch(
  match: NonNullable<FoundOverride["match"]>,
  path: Path,
  by: readonly string[],
  context: RuleContext,
  issues: Issue[],
): Matcher[] {
  const texts =
    typeof match === "string" ? [{ text: match, at: path }] : match.map((text, i) => ({ text, at: [...path, i] }));
  const known = by.includes("target") ? [...by, ...labelsOf(context)] : [...by];
  const wrongs = issues.length;
  const matchers = texts.flatMap(({ text, at }) => {
    if (text === undefined) return [];
    const parsed = parseMatchers(text);
    if (!parsed.ok) {
      issues.push({ path: at, message: `${show(text, at)} is not a matcher. ${parsed.problem}` });
      return [];
    }
    const odd = parsed.matchers.find(({ name }) => !known.includes(name));
    if (odd !== undefined) {
      const near = nearest(odd.name, known);
      issues.push({
        path: at,
        message: `${show(odd.name, at)} is neither a label of this rule's alerts nor of a target${near === undefined ? `; match on ${known.join(", ")}` : `; did you mean "${near}"?`}`,
      });
    }
    return parsed.matchers;
  });
  if (matchers.length === 0 && issues.length === wrongs)
    issues.push({ path, message: "matches everything; change the rule itself, or give a matcher" });
  return matchers;
}

/** Whether no target can fulfil the matchers that are about targets. */
function matchesNone(matchers: readonly Matcher[], by: readonly string[], { targets }: RuleContext): boolean {
  const about = matchers.filter(({ name }) => name === "target" || !by.includes(name));
  return (
    about.length > 0 &&
    !targets.some(({ name = "", labels = {} }) => {
      const texts = Object.entries(labels).flatMap(([label, value]) => (value === undefined ? [] : [[label, value]]));
      return matchesAll(about, { ...Object.fromEntries(texts), target: name });
    })
  );
}

function compileOverride(
  found: FoundOverride,
  path: Path,
  { by, condition }: Overridden,
  context: RuleContext,
  issues: Issue[],
): RuleOverride | undefined {
  const { match, value, severity, off } = found;
  if (match === undefined) return undefined;
  const wrongs = issues.length;
  const matchers = readMatch(match, [...path, "match"], by, context, issues);
  if (off && (value !== undefined || severity !== undefined))
    issues.push({ path: [...path, "off"], message: "cannot be combined with `value` or `severity`; remove one" });
  const changed = value === undefined || condition === undefined ? condition : withNumber(condition, value);
  const wrong = changed === undefined ? undefined : numberProblem(changed);
  if (value !== undefined && wrong !== undefined)
    issues.push({ path: [...path, "value"], message: `${show(value, path)} ${wrong}` });
  if (issues.length > wrongs) return undefined;
  if (matchesNone(matchers, by, context))
    context.warnings.push({
      path: [...path, "match"],
      message: "matches no target, so this override changes nothing",
    });
  return {
    matchers,
    ...(value === undefined ? {} : { value }),
    ...(severity === undefined ? {} : { severity }),
    ...(off === undefined ? {} : { off }),
  };
}

/** A rule's overrides; those that are wrong are left out. */
export function compileOverrides(
  found: readonly (FoundOverride | undefined)[],
  path: Path,
  of: Overridden,
  context: RuleContext,
  issues: Issue[],
): RuleOverride[] {
  return found.flatMap((one, i) => {
    if (one === undefined) return [];
    const at = [...path, i];
    const override = compileOverride(one, at, of, context, issues);
    if (override === undefined) return [];
    // A key that was wrong is no longer here, and has been spoken of.
    if (Object.keys(override).length === 1 && !issues.some(({ path: of }) => at.every((part, j) => of[j] === part))) {
      issues.push({ path: at, message: "changes nothing; give it `value`, `severity` or `off: true`" });
      return [];
    }
    return [override];
  });
}
