import type { InactiveRule } from "../../evaluate/rules/active-rules.ts";
import type { StoredAlert } from "./stored-alert.ts";

/** How a rule stands, for those who ask. */
export interface RuleReport {
  rule: string;
  state: "inactive" | "ok" | "pending" | "firing";
  /** Why it is inactive. */
  why?: string;
}

/** How each rule stands: `active` by name, in the order of the config, then those that are not evaluated. */
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
