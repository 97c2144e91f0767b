import type { InactiveRule } from "../../evaluate/rules/active-rules.ts";
import type { StoredAlert } from "./stored-alert.ts";

/** State of a rule, for the API and pages. */
export interface RuleReport {
  rule: string;
  state: "inactive" | "ok" | "pending" | "firing";
  /** Why it is inactive. */
  why?: string;
}

/** State of each rule: `active` by name, in config order, then those that are not evaluated. */
export function reportRules(
  active: readonly string[],
  inactive: readonly InactiveRule[],
  alerts: Iterable<readonly [key: string, alert: Pick<StoredAlert, "rule" | "firingSince">]>,
): RuleReport[] {
  const worst = new Map<string, "pending" | "firing">();
  for (const [, { rule, firingSince }] of alerts)
    if (firingSince !== undefined || !worst.has(rule))
      worst.set(rule, firingSince === undefined ? "pending" : "firing");
  return [
    ...active.map((rule): RuleReport => ({ rule, state: worst.get(rule) ?? "ok" })),
    ...inactive.map(({ rule, why }): RuleReport => ({ rule: rule.name, state: "inactive", why })),
  ];
}
