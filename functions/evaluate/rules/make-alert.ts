import type { Alert, AlertLabels, Severity } from "../../model/alerting/alert.ts";
import type { Evidence } from "../../model/alerting/evidence.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { AnyCondition, Rule } from "../../model/alerting/rule.ts";
import { withNumber } from "./condition.ts";
import { describeAlert, evidenceAnnotations } from "./describe-alert.ts";

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

/** URL of a rule's runbook; undefined if it has none, or if it is one of ours and our own origin is unknown. */
export function runbookUrl({ runbook }: Pick<Rule, "runbook">, externalUrl: string | undefined): string | undefined {
  if (runbook?.startsWith("https://")) return runbook;
  return runbook === undefined || externalUrl === undefined ? undefined : `${externalUrl}/runbooks/${runbook}`;
}
