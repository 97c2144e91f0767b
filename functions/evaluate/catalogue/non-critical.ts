import { matchesAll } from "../../model/alerting/matches.ts";
import type { Rule, RuleOverride } from "../../model/alerting/rule.ts";
import type { Target } from "../../model/probing/target.ts";
import { readsOf } from "../rules/condition.ts";
import type { Gated } from "../rules/failing-gate.ts";

/**
 * A critical event rule for these targets: what a probe finds that is not critical there is a warning. As overrides, so
 * that Monitors and Prometheus read the same; those of the user come first.
 */
export function warnOfNonCritical(rule: Rule, targets: readonly Pick<Target, "name" | "probes">[]): Rule {
  const isEvent = (rule.condition as Gated).whileFailing !== undefined;
  if (!isEvent || rule.severity !== "critical" || !rule.by.includes("probe")) return rule;
  const [counter] = readsOf(rule.condition);
  const named = (counter?.selector.matchers ?? []).filter(({ name }) => name === "probe");
  const byProbe = new Map<string, string[]>();
  for (const { name, probes } of targets)
    for (const { kind, critical } of probes)
      if (!critical && matchesAll(named, { probe: kind })) byProbe.set(kind, [...(byProbe.get(kind) ?? []), name]);
  if (byProbe.size === 0) return rule;
  const overrides = [...byProbe].map(
    ([probe, names]): RuleOverride => ({
      matchers: [
        { name: "probe", op: "=", value: probe },
        { name: "target", op: "=~", value: names.map((name) => name.replaceAll(".", "[.]")).join("|") },
      ],
      severity: "warning",
    }),
  );
  return { ...rule, overrides: [...(rule.overrides ?? []), ...overrides] };
}
