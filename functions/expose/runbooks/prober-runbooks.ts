import type { Runbook } from "./runbook.ts";

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
    mend: [
      "Deploy again; a Monitor goes on from what it has stored.",
      "Take back the last deployment if its ticks break.",
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
    mend: ["Mostly it passes. If it lasts, take the region out of `vantages`, or mend the way."],
  },
  {
    slug: "watchdog",
    alerts: ["Watchdog"],
    means: "This alert always fires. It shows that alerts travel all the way.",
    impact: "None while it fires. If it stops arriving, no other alert arrives either.",
    check: ["When it stops: the Alerter, its routes, and the receiver that expects it."],
    mend: ["Send it to a service that reports its absence, and to nobody else."],
  },
];
