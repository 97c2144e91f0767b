import type { BurnCondition } from "../../evaluate/rules/kinds/burn.ts";
import { promqlSelector } from "../../evaluate/rules/promql-terms.ts";
import { formatDuration } from "../../lib/duration.ts";
import type { Rule, Selector } from "../../model/alerting/rule.ts";

/** A recording rule; `labels` are added to what it records. */
interface SloRecording {
  record: string;
  labels: Readonly<Record<string, string>>;
  expr: string;
}

/** The recorded step. It is also the interval of the group, so that the steps of 30 days neither overlap nor leave gaps. */
export const SLO_STEP = "5m";
const BUDGET_WINDOW = "30d";

/** What is left of the error budget within 30 days: 1 is all, 0 none, below the objective was missed. */
export const budgetSeries = ({ by }: Pick<Rule, "by">): string => `${nameOf(by, "error_budget_remaining")}:ratio30d`;

/** How many times as fast as the objective allows the budget burns, by window. */
const burnRateSeries = ({ by }: Pick<Rule, "by">): string => `${nameOf(by, "burn_rate")}:ratio`;

const nameOf = (by: readonly string[], what: string): string => `${by.join("_")}:zako_slo_${what}`;

/** Recording rules of all rules about error budgets; the label `slo` has the rule's name. */
export const sloRecordings = (rules: readonly Rule[]): SloRecording[] =>
  rules.filter((rule): rule is Rule<BurnCondition> => rule.condition.kind === "burn").flatMap(recordingsOf);

/**
 * A month is summed up from recorded steps: 30 days of a fleet's counters are more samples than Prometheus lets one query
 * read. Below the rule's least number of failures a burn rate is 0: a few failed runs of a probe that runs seldom say nothing.
 */
function recordingsOf(rule: Rule<BurnCondition>): SloRecording[] {
  const { name, by, condition } = rule;
  const { errors, total, objective, windows } = condition;
  const list = by.join(", ");
  const labels = { slo: name };
  const grown = ({ family, matchers }: Selector, window: string): string =>
    `sum by (${list}) (increase(${promqlSelector(family, matchers)}[${window}]))`;
  const rate = (window: string): string => `${grown(errors, window)} / ${grown(total, window)} / (1 - ${objective})`;
  const burnRate = (ms: number, minFailures: number | undefined): SloRecording => {
    const window = formatDuration(ms);
    const guard = minFailures === undefined ? "" : ` * (${grown(errors, window)} >= bool ${minFailures})`;
    return { record: burnRateSeries(rule), labels: { ...labels, window }, expr: rate(window) + guard };
  };
  const month = (what: string): string =>
    `sum by (${list}) (sum_over_time(${nameOf(by, what)}:increase${SLO_STEP}{slo="${name}"}[${BUDGET_WINDOW}]))`;
  return [
    { record: `${nameOf(by, "errors")}:increase${SLO_STEP}`, labels, expr: grown(errors, SLO_STEP) },
    { record: `${nameOf(by, "events")}:increase${SLO_STEP}`, labels, expr: grown(total, SLO_STEP) },
    ...windows.flatMap(({ longMs, shortMs, minFailures }) => [
      burnRate(longMs, minFailures),
      burnRate(shortMs, undefined),
    ]),
    { record: budgetSeries(rule), labels, expr: `1 - ${month("errors")} / ${month("events")} / (1 - ${objective})` },
  ];
}
