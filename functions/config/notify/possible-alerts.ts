import { alertLabels, variantIndex, variantsOf } from "../../evaluate/rules/make-alert.ts";
import type { AlertLabels } from "../../model/alerting/alert.ts";
import { PROBER_STALE, WATCHDOG } from "../../model/alerting/own-alert-labels.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Target } from "../../model/probing/target.ts";

/** Labels of the alerts that the Alerter raises itself, by name. */
export const OWN_ALERTS: Readonly<Record<string, AlertLabels>> = {
  ZakoProberStale: PROBER_STALE,
  ZakoDrill: { alertname: "ZakoDrill", severity: "info" },
  Watchdog: WATCHDOG,
};

/**
 * Labels of the alerts that a configuration can raise: of each rule for each target, without the values that only runs
 * bring, such as a vantage; then the Alerter's own.
 */
export function possibleAlerts(
  rules: readonly Rule[],
  targets: readonly Pick<Target, "name" | "labels">[],
): readonly AlertLabels[] {
  const ofRules = rules.flatMap((rule) => {
    if (!rule.by.includes("target")) return [alertLabels(rule, rule.severity, {}, {})];
    return targets.flatMap(({ name, labels }) => {
      const variant = variantsOf(rule)[variantIndex(rule, { target: name }, labels)];
      return variant === undefined ? [] : [alertLabels(rule, variant.severity, { target: name }, labels)];
    });
  });
  return [...ofRules, ...Object.values(OWN_ALERTS)];
}
