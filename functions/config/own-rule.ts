import { CATALOGUE } from "../evaluate/catalogue/registry.ts";
import { whyInactive } from "../evaluate/rules/active-rules.ts";
import type { Condition, Rule } from "../model/rule.ts";
import { type Issue, type Path, show } from "./issue.ts";
import { read } from "./read.ts";
import { type AlertParts, alertParts } from "./rule-alert.ts";
import { CONDITION_KINDS, CONDITION_NAMES } from "./rule-condition.ts";
import { checkBy, defaultBy, selectedFamilies } from "./rule-families.ts";
import { unreachable } from "./rule-number.ts";
import type { RuleSurroundings } from "./rule-surroundings.ts";
import { checkSummary, checkTemplate, compileRunbook } from "./rule-texts.ts";
import { ownSection } from "./rules-section.ts";
import { nearest, suggestion } from "./suggest.ts";

/** Alerts that zako-watch raises itself, or prints for Prometheus, without a rule. */
const TAKEN_NAMES = ["ZakoProberStale", "ZakoProberAbsent", "ZakoDrill", "Watchdog"];
const LONGEST_NAME = 100;
const SHIPPED_NAMES = CATALOGUE.map(({ name }) => name);

/** A section as far as it could be read. */
interface FoundOwn extends AlertParts, Readonly<Record<string, unknown>> {
  by?: readonly (string | undefined)[] | undefined;
  summary?: string | undefined;
  description?: string | undefined;
  runbook?: string | undefined;
}

function wrongName(name: string): string | undefined {
  if (!/^[A-Z][A-Za-z0-9]*$/.test(name)) return "is no name of a rule; begin with a capital, then letters and digits";
  if (name.length > LONGEST_NAME) return `is too long a name; give at most ${LONGEST_NAME} characters`;
  if (TAKEN_NAMES.includes(name)) return "is an alert that zako-watch raises itself; choose another name";
  return undefined;
}

/** Says what is wrong with an entry that names no shipped rule and gives no kind. */
function withoutKind(raw: unknown, name: string): string {
  const near = nearest(name, SHIPPED_NAMES);
  if (near !== undefined) return `is not a shipped rule; did you mean "${near}"?`;
  const own = `a rule of your own needs \`kind\`, one of ${CONDITION_NAMES.join(", ")}`;
  return typeof raw === "boolean" ? `is not a shipped rule; remove it (${own})` : `is not a shipped rule; ${own}`;
}

function conditionIssues(condition: Condition, path: Path): Issue[] {
  if (condition.kind !== "burn") return [];
  if (condition.windows.length === 0)
    return [
      { path: [...path, "windows"], message: "names no window, so the rule could never hold; give at least one" },
    ];
  const wrong = unreachable(condition);
  const issues = condition.windows.flatMap(({ longMs, shortMs }, i) =>
    shortMs < longMs
      ? []
      : [{ path: [...path, "windows", i, "short"], message: "is not shorter than `long`; give a shorter window" }],
  );
  return wrong === undefined
    ? issues
    : [...issues, { path: [...path, "objective"], message: `${condition.objective} ${wrong}` }];
}

function compileKind(
  name: string,
  kind: Condition["kind"],
  raw: unknown,
  path: Path,
  surroundings: RuleSurroundings,
  issues: Issue[],
): Rule | undefined {
  const wrongs = issues.length;
  const found = (read(ownSection(kind), raw, issues, path) ?? {}) as FoundOwn;
  // Only a section that was read whole has all that a condition needs.
  const condition = issues.length === wrongs ? CONDITION_KINDS[kind].make(found) : undefined;
  if (condition !== undefined) issues.push(...conditionIssues(condition, path));

  const families = selectedFamilies(kind, found, path, surroundings, issues);
  const by = found.by ?? defaultBy(kind, found["of"], families);
  const told = kind === "verdict" ? verdictFamilies(found["of"]) : families;
  if (found.by !== undefined) checkBy(found.by, kind, told, [...path, "by"], issues);
  if (found.by !== undefined && found["of"] === "probe" && !found.by.includes("probe"))
    issues.push({ path: [...path, "by"], message: "leaves out probe, of which the verdict is; add it" });

  const names = by.flatMap((label) => label ?? []);
  const parts = alertParts(found, path, { by: names, condition }, surroundings, issues);
  // The rule's own labels are none of them: Prometheus puts those on after it has filled in the texts.
  const known = [
    ...names,
    ...(names.includes("target") ? surroundings.targets.flatMap(({ labels }) => Object.keys(labels ?? {})) : []),
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
  const why = whyInactive(rule, surroundings.families);
  if (why === undefined) return rule;
  issues.push({ path, message: `cannot be evaluated: ${why}; change its condition or \`by\`` });
  return undefined;
}

/** A verdict is one series for each target, or for each probe of it. */
const verdictFamilies = (of: unknown): { name: string; labels: string[] }[] =>
  of === "probe"
    ? [{ name: "the verdict of a probe", labels: ["target", "probe"] }]
    : [{ name: "the verdict of a target", labels: ["target"] }];

/** Compiles an entry of `rules` whose name is not shipped; undefined where something is wrong with it. */
export function compileOwnRule(
  name: string,
  raw: unknown,
  path: Path,
  surroundings: RuleSurroundings,
  issues: Issue[],
): Rule | undefined {
  const kind =
    typeof raw === "object" && raw !== null && Object.hasOwn(raw, "kind") ? Reflect.get(raw, "kind") : undefined;
  const wrong = wrongName(name) ?? (kind === undefined ? withoutKind(raw, name) : undefined);
  if (wrong !== undefined) {
    issues.push({ path, message: wrong });
    return undefined;
  }
  const known = CONDITION_NAMES.find((one) => one === kind);
  if (known !== undefined) return compileKind(name, known, raw, path, surroundings, issues);
  const choice =
    typeof kind === "string" ? suggestion(kind, CONDITION_NAMES) : `; choose from ${CONDITION_NAMES.join(", ")}`;
  issues.push({ path: [...path, "kind"], message: `${show(kind, path)} is no kind of rule${choice}` });
  return undefined;
}
