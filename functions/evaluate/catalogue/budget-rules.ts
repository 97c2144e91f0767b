import type { Rule } from "../../model/alerting/rule.ts";
import type { BurnCondition } from "../rules/kinds/burn.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, series, shipped } from "./define.ts";

/** One failed run of a probe a minute is 1.7 % of an hour: 99.5 % leaves room for it, 99.9 % would not. */
const OBJECTIVE = 0.995;

const VOTES = "zako_v1_target_votes_total";

/** `counted`: which votes of the target's critical probes burn the budget. */
const burn = (counted: Readonly<Record<string, string>>, windows: BurnCondition["windows"]): BurnCondition => ({
  kind: "burn",
  errors: series(VOTES, { ...counted, outcome: "failed" }),
  total: series(VOTES, counted),
  objective: OBJECTIVE,
  windows,
});

/** Windows and factors of the SRE Workbook (table 5-8, 30 days); the least failures keep few probes from paging. */
export const BUDGET_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoErrorBudgetBurnFast",
    severity: "critical",
    // An outage pages by itself; what it burnt must not page again after its end.
    condition: burn({ incident: "false" }, [
      { longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, factor: 14.4, minFailures: 3 },
      { longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, factor: 6, minFailures: 6 },
    ]),
    forMs: 2 * MINUTE_MS,
    summary: "Error budget burns fast",
    description:
      "{{ $value | humanizePercentage }} of the critical probe runs of {{ $labels.target }} fail outside incidents. At this rate the month's error budget is gone in days.",
    runbook: "error-budget-burn",
  }),
  shipped({
    name: "ZakoErrorBudgetBurnSlow",
    severity: "warning",
    condition: burn({}, [{ longMs: 3 * DAY_MS, shortMs: 6 * HOUR_MS, factor: 1, minFailures: 10 }]),
    forMs: 15 * MINUTE_MS,
    summary: "Error budget burns slowly",
    description:
      "{{ $value | humanizePercentage }} of the critical probe runs of {{ $labels.target }} failed within 3 days, incidents included. At this rate the month's error budget does not last.",
    runbook: "error-budget-burn",
  }),
];
