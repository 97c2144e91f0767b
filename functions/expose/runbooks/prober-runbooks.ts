import type { Runbook } from "../../model/alerting/runbook.ts";

export const PROBER_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "prober-stale",
    alerts: ["ZakoProberStale", "ZakoProberAbsent"],
    means: "A Monitor has made no tick for five minutes, or its metrics are gone.",
    impact: "Nobody watches its targets. Their alerts stay as they were.",
    check: [
      "`/healthz`, and the Worker's logs for errors in a tick.",
      "Whether the cron trigger is still there: `wrangler deployments list`, the dashboard of the platform.",
      "Whether the account has used up its plan.",
      "For metrics only: the scrape's token and address.",
    ],
    fix: [
      "Deploy again; a Monitor goes on from what it has stored.",
      "Take back the last deployment if its ticks break.",
    ],
  },
  {
    slug: "prober-fault",
    alerts: ["ZakoProberFault"],
    means:
      "A critical probe of the target has had no result for three intervals in a row, and the prober is at fault: the run found no room in its slot, a budget was spent, or the prober itself failed. The target's state is `unknown`; where it was down already, it stays `down` and that verdict is stale.",
    impact: "Nobody knows whether the target works. An outage of it would page nobody.",
    check: [
      "Why: `zako_watch_probe_gaps_total` of the target by `reason`. `no_result`: no room in the slot, or a prober that gave no answer. `over_budget`: the target's daily budget is spent. `platform_limit` and `internal`: see the Worker's logs.",
      "How many targets: if all of a vantage, see `ZakoProberGaps`; if one, look at its own probes and budgets.",
      "`npm run cli -- config check` names what does not fit into a slot, and which setting to change.",
      "`zako_watch_tick_duration_seconds` against the grid, and how many targets do not answer: each one keeps a connection for its whole timeout.",
    ],
    fix: [
      "No room: shorter `timeout`, longer `interval`, more `lanes` (with `vantages`) or `shards`, as the config check says.",
      "Budget: raise `write_budget_per_day` or `token_budget_per_day`, or give the probe a longer interval.",
      "Check the target by hand until the alert ends. It ends with the first result.",
    ],
  },
  {
    slug: "prober-gaps",
    alerts: ["ZakoProberGaps"],
    means:
      "More than a tenth of the runs from one vantage have had no result for minutes, through the prober's own fault: they found no room in their slot, or the prober failed.",
    impact: "Targets are asked less often than configured, so an outage is seen later.",
    check: [
      "Which probes and why: `zako_watch_probe_gaps_total` by `target`, `probe` and `reason`.",
      "Whether many targets hang: each one keeps one of six connections for its whole timeout.",
      "`npm run cli -- config check` says whether the slot has room for all of them, and which setting to change.",
      "The Worker's logs for a region that breaks.",
    ],
    fix: [
      "Follow the config check: shorter `timeout`, longer `interval`, more `lanes` or `shards`.",
      "Repair or remove targets that do not answer.",
    ],
  },
  {
    slug: "vantage-suspect",
    alerts: ["ZakoVantageSuspect"],
    means:
      "From one vantage most targets fail, and the others see the same targets up: the way from there is broken, not Zako.",
    impact: "The vantage has no vote until it agrees with the others again. One vantage less says what is up.",
    check: [
      "Reasons by vantage: `zako_v1_probe_failures_by_reason_total`.",
      "Whether the targets are reached by another network from there: a firewall, a route, an address that is blocked.",
      "The platform's status page for that region.",
    ],
    fix: ["Mostly it passes. If it lasts, take the region out of `vantages`, or mend the way."],
  },
  {
    slug: "watchdog",
    alerts: ["Watchdog"],
    means: "This alert always fires. It shows that alerts travel all the way.",
    impact: "None while it fires. If it stops arriving, no other alert arrives either.",
    check: ["When it stops: the Alerter, its routes, and the receiver that expects it."],
    fix: ["Send it to a service that reports its absence, and to nobody else."],
  },
];
