import type { Alert, AlertLabels, Severity } from "../../model/alerting/alert.ts";
import type { Evidence } from "../../model/alerting/evidence.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { AnyCondition, Rule } from "../../model/alerting/rule.ts";
import { withNumber } from "./condition.ts";
import { describeAlert, evidenceAnnotations } from "./describe-alert.ts";

/** A rule as it is for one group: its condition and severity after overrides; none where it is off. */
export interface Variant {
  condition: AnyCondition;
  severity: Severity;
}

/** All that a rule can be: its own self, then one for each override; `undefined` stands for off. */
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

/** Which of a rule's variants holds for a group: the first override that matches, else the rule itself. */
export function variantIndex(rule: Rule, groupLabels: AlertLabels, targetLabels: AlertLabels): number {
  const all = { ...targetLabels, ...groupLabels };
  return 1 + (rule.overrides ?? []).findIndex((o) => matchesAll(o.matchers, all));
}

/** Labels of an alert: the target's own of `watch.yaml`, the group's, the rule's, and what the rule is. */
export function alertLabels(
  rule: Rule,
  severity: Severity,
  groupLabels: AlertLabels,
  targetLabels: AlertLabels,
): AlertLabels {
  return { ...targetLabels, ...groupLabels, ...rule.labels, alertname: rule.name, severity, pager: rule.pager };
}

/**
 * An alert that fires; `fingerprint` is that of the labels. `externalUrl`: origin of this installation without a slash at
 * the end, if it is known.
 */
export function makeAlert(
  rule: Rule,
  labels: AlertLabels,
  at: { fingerprint: string; startsAt: number; activeSince: number; value: number; externalUrl: string | undefined },
  evidence?: Evidence,
): Alert {
  const runbook = runbookUrl(rule, at.externalUrl);
  return {
    fingerprint: at.fingerprint,
    labels,
    annotations: {
      ...describeAlert(rule, labels, at.value, evidence),
      ...(runbook === undefined ? {} : { runbook_url: runbook }),
      ...evidenceAnnotations(evidence),
    },
    ...(evidence === undefined ? {} : { evidence }),
    startsAt: at.startsAt,
    ...(at.activeSince < at.startsAt ? { activeSince: at.activeSince } : {}),
  };
}

/** Where a rule's runbook is read; undefined where it has none, or has one of ours and our own origin is not known. */
export function runbookUrl({ runbook }: Pick<Rule, "runbook">, externalUrl: string | undefined): string | undefined {
  if (runbook?.startsWith("https://")) return runbook;
  return runbook === undefined || externalUrl === undefined ? undefined : `${externalUrl}/runbooks/${runbook}`;
}
