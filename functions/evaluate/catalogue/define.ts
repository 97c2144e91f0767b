import type { Matcher } from "../../model/alerting/matcher.ts";
import type { Rule, Selector } from "../../model/alerting/rule.ts";
import { type ShippedRule, shippedRule } from "../../model/alerting/shipped-rule.ts";
import type { Condition } from "../rules/kinds/registry.ts";

export { DAY_MS, HOUR_MS, MINUTE_MS } from "../../lib/time-units.ts";

/** A rule of the catalogue; its condition is one of the rule kinds'. */
export const shipped = (rule: ShippedRule<Condition>): Rule<Condition> => shippedRule(rule);

/** Series of a family whose labels have these values. */
export function series(family: string, labels: Readonly<Record<string, string>> = {}): Selector {
  const matchers = Object.entries(labels).map(([name, value]): Matcher => ({ name, op: "=", value }));
  return matchers.length === 0 ? { family } : { family, matchers };
}

/** Votes of a probe outside its incidents. */
export const votes = (probe: string): Selector => series("zako_v1_probe_votes_total", { probe });

/** Those of them that failed; `reasons` chooses among them. */
export const failedVotes = (probe: string, reasons?: Pick<Matcher, "op" | "value">): Selector =>
  reasons === undefined
    ? series("zako_v1_probe_votes_total", { probe, outcome: "failed" })
    : {
        family: "zako_v1_probe_failed_votes_total",
        matchers: [...ofProbe(probe), { name: "reason", ...reasons }],
      };

/** Matches one probe. */
export const ofProbe = (probe: string): Matcher[] => [{ name: "probe", op: "=", value: probe }];

/** What our probes saw; scrapes and pushes tell of real traffic, where other numbers are normal. */
export const probed = (family: string): Selector => series(family, { source: "probe" });
