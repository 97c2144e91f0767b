import type { Alert, AlertLabels, Severity } from "../../model/alerting/alert.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { AnyCondition, Rule } from "../../model/alerting/rule.ts";
import { withNumber } from "./condition.ts";
import { renderTemplate } from "./render-template.ts";

/** A rule for one group: condition and severity after overrides; undefined if disabled. */
export interface Variant {
  condition: AnyCondition;
  severity: Severity;
}

/** All variants of a rule: the rule itself, then one per override; `undefined`: disabled. */
export function variantsOf(rule: Rule): readonly (Variant | undefined)[] {
  return [
    { condition: rule.condition, severity: rule.severity },
    ...(rule.overrides ?? []).map((o) =>
      o.off === true
        ? undefined
        : {
            condition: o.value === undefined ? rule.condition : withNumber(rule.condition, o.value),
            severity: o.severity ?? rule.severity,
          },
    ),
  ];
}

/** Which variant applies to a group: the first matching override, otherwise the rule itself. */
export function variantIndex(rule: Rule, groupLabels: AlertLabels, targetLabels: AlertLabels): number {
  const all = { ...targetLabels, ...groupLabels };
  return 1 + (rule.overrides ?? []).findIndex((o) => matchesAll(o.matchers, all));
}

/** Labels of an alert: the target's from `watch.yaml`, the group's, the rule's, and the rule's name, severity and pager. */
export function alertLabels(
  rule: Rule,
  severity: Severity,
  groupLabels: AlertLabels,
  targetLabels: AlertLabels,
): AlertLabels {
  return { ...targetLabels, ...groupLabels, ...rule.labels, alertname: rule.name, severity, pager: rule.pager };
}

/**
 * A firing alert. `fingerprint`: of the labels. `externalUrl`: origin of this installation without a trailing slash, if
 * known. `evidence`: annotations in addition to the rule's own.
 */
export function makeAlert(
  rule: Rule,
  labels: AlertLabels,
  at: { fingerprint: string; startsAt: number; activeSince: number; value: number; externalUrl: string | undefined },
  evidence: Alert["annotations"] = {},
): Alert {
  const runbook = runbookUrl(rule, at.externalUrl);
  return {
    fingerprint: at.fingerprint,
    labels,
    annotations: {
      summary: rule.summary,
      description: renderTemplate(rule.description, labels, at.value),
      ...(runbook === undefined ? {} : { runbook_url: runbook }),
      ...evidence,
    },
    startsAt: at.startsAt,
    ...(at.activeSince < at.startsAt ? { activeSince: at.activeSince } : {}),
  };
}

/** URL of a rule's runbook; undefined if it has none, or if it is one of ours and our own origin is unknown. */
export function runbookUrl({ runbook }: Pick<Rule, "runbook">, externalUrl: string | undefined): string | undefined {
  if (runbook?.startsWith("https://")) return runbook;
  return runbook === undefined || externalUrl === undefined ? undefined : `${externalUrl}/runbooks/${runbook}`;
}
