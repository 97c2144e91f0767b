import { RULE_KINDS } from "../../evaluate/rules/kinds/registry.ts";
import type { RuleKind, Subject } from "../../evaluate/rules/rule-kind.ts";
import { BASELINE_LABELS, type Selector } from "../../model/alerting/rule.ts";
import type { Family } from "../../model/metric.ts";
import type { Issue, Path } from "../issue.ts";
import { nearest } from "../suggest.ts";
import type { RuleContext } from "./rule-context.ts";

/** The kinds of rules that read a type of metric. */
function kindsFor(type: Family["type"]): string {
  return RULE_KINDS.filter(
    ({ selects, subject }) => Object.values(selects).includes(type) || subject?.({}).type === type,
  )
    .map(({ kind }) => kind)
    .join(", ");
}

function problemOf(
  kind: RuleKind,
  selector: Selector,
  type: Family["type"],
  { families, elsewhere }: RuleContext,
): string | undefined {
  const { family: name, matchers = [] } = selector;
  const family = families.get(name);
  const quoted = JSON.stringify(name);
  if (family === undefined) {
    if (elsewhere.has(name))
      return `${quoted} is a metric of the Alerter, which rules cannot use; use a Prometheus rule instead`;
    const ofType = [...families.values()].filter((known) => known.type === type).map((known) => known.name);
    const near = nearest(name, ofType) ?? nearest(name, [...families.keys()]);
    const hint =
      near === undefined ? `choose a ${type} that \`/metrics\` shows, such as ${ofType[0]}` : `did you mean "${near}"?`;
    return `${quoted} is not a collected metric; ${hint}`;
  }
  if (family.type !== type)
    return `${quoted} is a ${family.type}, but a ${type} is needed here; for a ${family.type}, use ${kindsFor(family.type)}`;
  if (kind.follows !== undefined && !family.labels.includes("target"))
    return `${quoted} has no label target, but windows are kept per target; choose a metric that has it, or use a Prometheus rule`;
  const odd = matchers.find((matcher) => !family.labels.includes(matcher.name));
  if (odd === undefined) return undefined;
  const near = nearest(odd.name, family.labels);
  const labels = family.labels.length === 0 ? "it has none" : `it has ${family.labels.join(", ")}`;
  return `${quoted} has no label ${JSON.stringify(odd.name)}; ${near === undefined ? labels : `did you mean "${near}"?`}`;
}

/** The families that a section selects, in its order; those that are wrong are left out and become issues. */
export function selectedFamilies(
  kind: RuleKind,
  found: Readonly<Record<string, unknown>>,
  path: Path,
  context: RuleContext,
  issues: Issue[],
): Family[] {
  return Object.entries(kind.selects).flatMap(([key, type]) => {
    const selector = found[key] as Selector | undefined;
    if (selector === undefined) return [];
    const message = problemOf(kind, selector, type, context);
    const family = context.families.get(selector.family);
    if (message !== undefined) issues.push({ path: [...path, key], message });
    return message === undefined && family !== undefined ? [family] : [];
  });
}

/** The labels that tell alerts apart where none are named. */
export function defaultBy(families: readonly Family[]): readonly string[] {
  return families.length === 0 || families.some(({ labels }) => labels.includes("target")) ? ["target"] : [];
}

/** Whether each of the labels that tell alerts apart is a label of every family, and `target` is among them. */
export function checkBy(
  by: readonly (string | undefined)[],
  kind: RuleKind,
  of: readonly Family[] | Subject,
  path: Path,
  issues: Issue[],
): void {
  const families: readonly Pick<Family, "name" | "labels">[] = "kept" in of ? [of] : of;
  for (const [i, name] of by.entries()) {
    if (name === undefined) continue;
    const at = [...path, i];
    const quoted = JSON.stringify(name);
    const lacking = families.find(({ labels }) => !labels.includes(name));
    if (by.indexOf(name) < i) issues.push({ path: at, message: `${quoted} is duplicated; list each label once` });
    else if (lacking !== undefined) {
      const near = nearest(name, lacking.labels);
      const labels = lacking.labels.length === 0 ? "no label" : `only ${lacking.labels.join(", ")}`;
      issues.push({
        path: at,
        message: `${quoted} is not a label of ${lacking.name}, which has ${labels}${near === undefined ? "; choose from them" : `; did you mean "${near}"?`}`,
      });
    } else if (kind.baseline !== undefined && !(BASELINE_LABELS as readonly string[]).includes(name))
      issues.push({
        path: at,
        message: `${quoted} is not a label of baselines; choose from ${BASELINE_LABELS.join(", ")}`,
      });
  }
  const withTarget = families.find(({ labels }) => labels.includes("target"));
  if (withTarget !== undefined && !by.includes("target"))
    issues.push({ path, message: `leaves out target, which ${withTarget.name} has; add it` });
  for (const [label, why] of "kept" in of ? Object.entries(of.kept) : [])
    if (!by.includes(label)) issues.push({ path, message: `leaves out ${label}, ${why}` });
}
