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

/** Runs of a probe that counted, of those that failed or of all: a vantage that is suspect fails by itself. */
export const votes = (matchers: readonly Matcher[], outcome?: "failed"): Selector => ({
  family: "zako_v1_probe_votes_total",
  matchers: [...matchers, ...(outcome === undefined ? [] : [{ name: "outcome", op: "=" as const, value: outcome }])],
});

/** Matches one probe. */
export const ofProbe = (probe: string): Matcher[] => [{ name: "probe", op: "=", value: probe }];

/** What our probes saw; scrapes and pushes tell of real traffic, where other numbers are normal. */
export const probed = (family: string): Selector => series(family, { source: "probe" });
