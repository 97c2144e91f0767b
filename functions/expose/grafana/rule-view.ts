import type { Condition } from "../../evaluate/rules/kinds/registry.ts";
import { promqlSelector } from "../../evaluate/rules/promql-terms.ts";
import { formatDuration } from "../../lib/duration.ts";
import type { Comparison, Rule, Selector } from "../../model/alerting/rule.ts";
import { budgetSeries } from "../prometheus/slo-recordings.ts";

/** What a panel draws of a rule: the number that it compares, or what a burn rule leaves of its budget within 30 days. */
export type RuleAspect = "value" | "budget";

/** A rule as a panel draws it. */
export interface RuleView {
  /** The number that the rule compares, for each of its groups, without the comparison. */
  expr: string;
  legend: string;
  /** Where the rule holds, in the unit of the expression. */
  threshold: { op: Comparison; value: number };
}

/** Variables of the dashboards, by the label that they choose values of. */
const VARIABLES = ["target", "vantage"] as const;

/** A family's series as dashboards select them: of the chosen targets and vantages. */
export function chosen(name: string, matchers: Selector["matchers"], labels: readonly string[]): string {
  const variables = VARIABLES.filter((label) => labels.includes(label));
  return promqlSelector(name, [
    ...variables.map((label) => ({ name: label, op: "=~" as const, value: `$${label}` })),
    ...(matchers ?? []),
  ]);
}

/** Prints parts of an expression for one rule. */
interface Parts {
  rule: string;
  by: readonly string[];
  /** `by` as `sum by (...)` lists it. */
  list: string;
  select(of: Selector, suffix?: string): string;
  /** Growth of a counter over a window, by the rule's labels. */
  grown(of: Selector, windowMs: number): string;
}

/**
 * The rule's number as an expression for dashboards; undefined for a kind of rule that has no such expression. Counters are
 * read with `increase`, which extrapolates: it differs a little from the rule's own difference, and is what people know.
 */
export function viewRule({ name, condition, by }: Rule, aspect: RuleAspect = "value"): RuleView | undefined {
  const list = by.join(", ");
  // What is selected has the rule's labels, so these say which variables apply.
  const select = (of: Selector, suffix = ""): string => chosen(of.family + suffix, of.matchers, by);
  const grown = (of: Selector, ms: number): string =>
    `sum by (${list}) (increase(${select(of)}[${formatDuration(ms)}]))`;
  const found = numberOf(condition as Condition, aspect, { rule: name, by, list, select, grown });
  if (found === undefined) return undefined;
  const [expr, op, value] = found;
  return { expr, legend: by.map((label) => `{{${label}}}`).join(" "), threshold: { op, value } };
}

type Found = readonly [expr: string, op: Comparison, value: number];

function numberOf(c: Condition, aspect: RuleAspect, { rule, by, list, select, grown }: Parts): Found | undefined {
  switch (c.kind) {
    case "threshold":
      return [`${c.aggregate} by (${list}) (${select(c.metric)})`, c.op, c.value];
    case "quotient":
      return [`sum by (${list}) (${select(c.numerator)}) / sum by (${list}) (${select(c.denominator)})`, c.op, c.value];
    case "ratio":
      return [`${grown(c.numerator, c.windowMs)} / ${grown(c.denominator, c.windowMs)}`, c.op, c.value];
    case "quantile": {
      const buckets = `increase(${select(c.histogram, "_bucket")}[${formatDuration(c.windowMs)}])`;
      return [`histogram_quantile(${c.quantile}, sum by (${list}, le) (${buckets}))`, c.op, c.value];
    }
    case "growth":
      return [`sum by (${list}) (delta(${select(c.gauge)}[${formatDuration(c.windowMs)}]))`, c.op, c.value];
    case "rate":
      return [grown(c.counter, c.windowMs), c.op, c.value];
    case "anomaly": {
      const matchers = [{ name: "rule", op: "=", value: rule } as const];
      const baseline = (what: string): string =>
        `max by (${list}) (${select({ family: `zako_v1_rule_baseline_${what}`, matchers })})`;
      const distance = `abs(sum by (${list}) (${select(c.metric)}) - ${baseline("mean")})`;
      return [`${distance} / ${baseline("deviation")}`, ">", c.deviations];
    }
    case "burn": {
      const share = (ms: number): string => `${grown(c.errors, ms)} / ${grown(c.total, ms)}`;
      const [first] = c.windows;
      const ofRule = [{ name: "slo", op: "=", value: rule } as const];
      if (aspect === "budget")
        return [`max by (${list}) (${select({ family: budgetSeries({ by }), matchers: ofRule })})`, "<", 0];
      return first && [share(first.longMs), ">", rounded(first.factor * (1 - c.objective))];
    }
    case "staleness":
      return [`time() - max by (${list}) (${select(c.timestamp)})`, ">", c.olderThanMs / 1000];
    case "verdict": {
      const state = `zako_v1_${c.of}_state`;
      const is = { family: state, matchers: [{ name: state, op: "=", value: c.state } as const] };
      const series = c.state === "down" ? { family: `zako_v1_${c.of}_incident_open` } : is;
      return [`max by (${list}) (${select(series)})`, ">=", 1];
    }
    default:
      return undefined;
  }
}

/** Without the noise of binary fractions: 14.4 x (1 - 0.995) is 0.072. */
const rounded = (value: number): number => Number(value.toPrecision(12));
