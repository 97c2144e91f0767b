import type { Matcher } from "../../model/alerting/matcher.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { BurnCondition } from "../rules/kinds/burn.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, shipped, votes } from "./define.ts";

/** One failed run of a probe a minute is 1.7 % of an hour: 99.5 % leaves room for it, 99.9 % would not. */
const OBJECTIVE = 0.995;

/** What builds depend on; a scrape that is out of reach costs nobody anything. */
const SERVICES: readonly Matcher[] = [{ name: "probe", op: "=~", value: "health|cas[.].*|transport[.].*" }];

const burn = (windows: BurnCondition["windows"]): BurnCondition => ({
  kind: "burn",
  errors: votes(SERVICES, "failed"),
  total: votes(SERVICES),
  objective: OBJECTIVE,
  windows,
});

/** Windows and factors of the SRE Workbook (table 5-8, 30 days); the least failures keep few probes from paging. */
export const BUDGET_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoErrorBudgetBurnFast",
    severity: "critical",
    condition: burn([
      { longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, factor: 14.4, minFailures: 3 },
      { longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, factor: 6, minFailures: 6 },
    ]),
    forMs: 2 * MINUTE_MS,
    keepFiringForMs: 5 * MINUTE_MS,
    summary: "The error budget burns fast.",
    description:
      "{{ $value | humanizePercentage }} of the probes of {{ $labels.target }} fail: at this rate the month's budget is gone in days.",
    runbook: "error-budget-burn",
  }),
  shipped({
    name: "ZakoErrorBudgetBurnSlow",
    severity: "warning",
    condition: burn([{ longMs: 3 * DAY_MS, shortMs: 6 * HOUR_MS, factor: 1, minFailures: 10 }]),
    forMs: 15 * MINUTE_MS,
    keepFiringForMs: 30 * MINUTE_MS,
    summary: "The error budget burns slowly.",
    description:
      "{{ $value | humanizePercentage }} of the probes of {{ $labels.target }} failed within three days: the month's budget will not last.",
    runbook: "error-budget-burn",
  }),
];
