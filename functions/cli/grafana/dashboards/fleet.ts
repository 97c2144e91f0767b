import {
  age,
  type DashboardSpec,
  gauge,
  growth,
  PROMETHEUS,
  RECORDED,
  STATES,
  series,
  stateOf,
  WHEN_IT_HAPPENS,
  yesNo,
} from "../spec.ts";

const OPEN = "zako_v1_target_incident_open";

/** Share of the time without an incident, by target. */
export const uptime = (): [string, string] => [
  `1 - max by (target) (avg_over_time(${series(OPEN)}[$__range]))`,
  "{{target}}",
];

/** All targets at a glance. */
export const fleet: DashboardSpec = {
  name: "fleet",
  title: "Fleet overview",
  description: "Every target that zako-watch probes: what is down, since when, and how much error budget is left.",
  rows: [
    {
      title: "Now",
      panels: [
        {
          title: "Targets by state",
          good: "all targets are up. `down` pages; `unknown` means that the prober cannot tell.",
          unit: "short",
          width: 6,
          form: "number",
          runbook: "target-down",
          queries: [[`sum by (zako_v1_target_state) (${series("zako_v1_target_state")})`, "{{zako_v1_target_state}}"]],
        },
        {
          title: "Alerts firing, by severity",
          good: "0 critical and 0 warning. Muted alerts and acknowledged ones are counted apart.",
          unit: "short",
          width: 6,
          form: "number",
          runbook: "target-down",
          queries: [gauge("zako_watch_alerts", "severity, state")],
        },
        {
          title: "Uptime in the range",
          good: "at or above your objective. Planned maintenance is not deducted here; `npm run cli -- uptime` deducts it.",
          unit: "percentunit",
          width: 6,
          form: "number",
          runbook: "target-down",
          queries: [uptime()],
        },
        {
          title: "Error budget left (30 days)",
          good: "well above 0. At 0 the month's budget is spent; below, the objective is missed.",
          unit: "percentunit",
          width: 6,
          form: "number",
          rule: "ZakoErrorBudgetBurnSlow",
          aspect: "budget",
          needs: RECORDED,
        },
        {
          title: "State of targets over time",
          good: "green all the way. Purple is not green: nobody looked.",
          unit: "none",
          width: 24,
          form: "states",
          rule: "ZakoTargetDown",
          queries: [stateOf("zako_v1_target_state", "target")],
          states: STATES,
        },
        {
          title: "Firing alerts",
          good: "an empty table.",
          needs: PROMETHEUS,
          unit: "none",
          width: 24,
          form: "table",
          runbook: "target-down",
          queries: [
            [
              `max by (alertname, severity, target, probe, vantage) (ALERTS{alertstate="firing", alertname=~"Zako.+"})`,
              "",
            ],
          ],
        },
      ],
    },
    {
      title: "Which targets, and how",
      panels: [
        { title: "Down", good: "0 everywhere.", unit: "none", width: 6, rule: "ZakoTargetDown" },
        {
          title: "Failing from some regions",
          good: "0 everywhere.",
          unit: "none",
          width: 6,
          rule: "ZakoTargetRegional",
        },
        { title: "Degraded", good: "0, or 1 for minutes only.", unit: "none", width: 6, rule: "ZakoTargetDegraded" },
        { title: "Unknown", good: "0 everywhere.", unit: "none", width: 6, rule: "ZakoTargetUnknown" },
        {
          title: "Failed runs by probe",
          good: "0, or single failures that were not confirmed.",
          unit: "short",
          width: 12,
          runbook: "probe-down",
          queries: [growth("zako_v1_probe_failures_total", "target, probe", "15m")],
        },
        {
          title: "Reasons of failures",
          good: "no lines. One reason for many targets points at what they share.",
          needs: WHEN_IT_HAPPENS,
          unit: "short",
          width: 12,
          runbook: "probe-down",
          queries: [growth("zako_v1_probe_failures_by_reason_total", "reason", "15m")],
        },
        {
          title: "Critical probes without a result",
          good: "0 everywhere: the prober itself works.",
          unit: "short",
          width: 12,
          rule: "ZakoProberFault",
        },
        {
          title: "Worst vantage by failed runs",
          good: "no vantage stands out.",
          unit: "short",
          width: 12,
          runbook: "target-regional",
          queries: [growth("zako_v1_probe_failures_total", "vantage", "15m")],
        },
        {
          title: "Watched for",
          good: "as long as you expect. Counters began at 0 then.",
          unit: "s",
          width: 12,
          form: "number",
          runbook: "target-unknown",
          queries: [age("zako_v1_target_created_timestamp_seconds", "target")],
        },
        {
          title: "Incidents open",
          good: "No for each target.",
          unit: "none",
          width: 12,
          form: "number",
          runbook: "target-down",
          queries: [gauge(OPEN, "target")],
          states: yesNo("Yes", "No", 0),
        },
      ],
    },
  ],
};
