import type { Severity } from "../../model/alerting/alert.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import { type Issue, type Path, show } from "../issue.ts";
import type { RuleContext } from "./rule-context.ts";
import { compileOverrides, type FoundOverride, type Overridden } from "./rule-override.ts";

/** The keys that all rules share, as far as they could be read. Durations in ms. */
export interface AlertParts {
  for?: number | undefined;
  keep_firing_for?: number | undefined;
  severity?: Severity | undefined;
  pager?: Rule["pager"] | undefined;
  labels?: Readonly<Record<string, string | undefined>> | undefined;
  overrides?: readonly (FoundOverride | undefined)[] | undefined;
}

/** Labels that hide none of those that tell alerts apart, and hold nothing that Prometheus would take for a template. */
function checkLabels(labels: AlertParts["labels"], by: readonly string[], path: Path, issues: Issue[]): void {
  for (const [name, value] of Object.entries(labels ?? {})) {
    if (by.includes(name))
      issues.push({
        path: [...path, "labels", name],
        message: `${show(name, path)} is already a label of this rule's alerts; choose another name`,
      });
    if (value?.includes("{{"))
      issues.push({
        path: [...path, "labels", name],
        message: `${show(value, path)} is a template, which labels do not support; write plain text`,
      });
  }
}

/** What the shared keys change of a rule. `of`: what alerts of the rule are told apart by, and its condition. */
export function alertParts(
  found: AlertParts,
  path: Path,
  of: Overridden,
  context: RuleContext,
  issues: Issue[],
): Partial<Rule> {
  checkLabels(found.labels, of.by, path, issues);
  const overrides = compileOverrides(found.overrides ?? [], [...path, "overrides"], of, context, issues);
  const labels = Object.entries(found.labels ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    ...(found.for === undefined ? {} : { forMs: found.for }),
    ...(found.keep_firing_for === undefined ? {} : { keepFiringForMs: found.keep_firing_for }),
    ...(found.severity === undefined ? {} : { severity: found.severity }),
    ...(found.pager === undefined ? {} : { pager: found.pager }),
    ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
    ...(overrides.length === 0 ? {} : { overrides }),
  };
}
