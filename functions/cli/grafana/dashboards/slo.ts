import { type DashboardSpec, growth, RECORDED, series } from "../spec.ts";
import { uptime } from "./fleet.ts";

const VOTES = "zako_v1_target_votes_total";

const share = (window: string): [string, string] => [
  `sum by (target) (increase(${series(VOTES, { outcome: "failed" })}[${window}])) / sum by (target) (increase(${series(VOTES)}[${window}]))`,
  `{{target}} ${window}`,
];

/** Service level objectives. */
export const slo: DashboardSpec = {
  name: "slo",
  title: "SLO",
  description: "Error budgets of the critical probes of each target, and how fast they burn.",
  rows: [
    {
      title: "Error budget",
      panels: [
        {
          title: "Error budget left (30 days)",
          good: "well above 0 at the end of the month.",
          unit: "percentunit",
          width: 8,
          form: "number",
          rule: "ZakoErrorBudgetBurnSlow",
          aspect: "budget",
          needs: RECORDED,
        },
        {
          title: "Error budget left over time",
          good: "falls more slowly than the month passes.",
          unit: "percentunit",
          width: 8,
          rule: "ZakoErrorBudgetBurnSlow",
          aspect: "budget",
          needs: RECORDED,
        },
        {
          title: "Uptime in the range",
          good: "at or above the objective.",
          unit: "percentunit",
          width: 8,
          form: "number",
          runbook: "target-down",
          queries: [uptime()],
        },
        {
          title: "Fast burn: failed share outside incidents",
          good: "below the limit. The rule wants a second, short window and a least number of failures as well, so that one failed run pages nobody.",
          unit: "percentunit",
          width: 12,
          rule: "ZakoErrorBudgetBurnFast",
        },
        {
          title: "Slow burn: failed share, incidents included",
          good: "below the limit.",
          unit: "percentunit",
          width: 12,
          rule: "ZakoErrorBudgetBurnSlow",
        },
      ],
    },
    {
      title: "What burns it",
      panels: [
        {
          title: "Burn rate by window",
          good: "below 1: the budget lasts the month. Rates of long windows are 0 below the rule's least number of failures.",
          needs: RECORDED,
          unit: "short",
          width: 24,
          runbook: "error-budget-burn",
          queries: [
            [
              'max by (target, slo, window) (target:zako_slo_burn_rate:ratio{target=~"$target"})',
              "{{target}} {{slo}} {{window}}",
            ],
          ],
        },
        {
          title: "Failed share of votes",
          good: "0, or the odd single failure.",
          unit: "percentunit",
          width: 12,
          runbook: "error-budget-burn",
          queries: [share("5m"), share("1h"), share("6h"), share("3d")],
        },
        {
          title: "Votes by outcome, within and outside incidents",
          good: "only ok.",
          unit: "short",
          width: 12,
          runbook: "error-budget-burn",
          queries: [growth(VOTES, "target, outcome, incident", "1h")],
        },
        {
          title: "Reasons of failed votes outside incidents",
          good: "no lines.",
          needs: "Empty until it happens for the first time.",
          unit: "short",
          width: 12,
          runbook: "error-budget-burn",
          queries: [growth("zako_v1_probe_failed_votes_total", "target, probe, reason", "1h")],
        },
        {
          title: "Time with an incident, in the range",
          good: "0.",
          unit: "s",
          width: 12,
          form: "number",
          runbook: "target-down",
          queries: [
            [
              `max by (target) (avg_over_time(${series("zako_v1_target_incident_open")}[$__range])) * $__range_s`,
              "{{target}}",
            ],
          ],
        },
      ],
    },
  ],
};
