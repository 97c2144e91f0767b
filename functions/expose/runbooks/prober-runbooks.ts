import type { Runbook } from "../../model/alerting/runbook.ts";

export const PROBER_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "prober-stale",
    alerts: ["ZakoProberStale", "ZakoProberAbsent"],
    means:
      "A Monitor has not reported for `notify.stale_after` (default 3 minutes), or its metrics are missing in Prometheus.",
    impact: "Its targets are not being probed. Their alerts stay in the state they were in.",
    check: [
      "`/healthz`, and errors of ticks in the Worker's logs.",
      "Whether the cron trigger still exists: `wrangler deployments list`, the Cloudflare dashboard.",
      "Whether the account has reached the limits of its plan.",
      "If only the metrics are missing: the token and address of the scrape.",
    ],
    fix: [
      "Deploy again. A Monitor continues from its stored state.",
      "Roll back the last deployment if its ticks fail.",
    ],
  },
  {
    slug: "prober-fault",
    alerts: ["ZakoProberFault"],
    means:
      "A critical probe of the target has had no result for three intervals in a row through a fault of the prober: its slot had no room for the run, a budget was spent, or the prober itself failed. The target's state is `unknown`; where it was down already, it stays `down` and that verdict is stale.",
    impact: "Nobody knows whether the target works. An outage would page nobody.",
    check: [
      "The reason: `zako_watch_probe_gaps_total` of the target by `reason`. `no_result`: no room in the slot, or the prober did not answer. `over_budget`: the target's daily budget is used up. `binding_missing`: wrangler.toml lacks the binding that `via` names; `config check` prints the lines. `platform_limit` and `internal`: see the Worker's logs.",
      "How many targets are affected: if all of a vantage, see `ZakoProberGaps`; if one, check its own probes and budgets.",
      "`npm run cli -- config check` reports what does not fit into a slot, and which setting to change.",
      "`zako_watch_tick_duration_seconds` against the grid, and how many targets do not answer: each of them occupies a connection for its whole timeout.",
    ],
    fix: [
      "No room: a shorter `timeout`, a longer `interval`, more `lanes` (with `vantages`) or `shards`, as the config check says.",
      "Budget: raise `write_budget_per_day` or `token_budget_per_day`, or give the probe a longer interval.",
      "Check the target by hand until the alert resolves. It resolves with the first result.",
    ],
  },
  {
    slug: "prober-gaps",
    alerts: ["ZakoProberGaps"],
    means:
      "For minutes, more than 10 % of the runs from one vantage have had no result through a fault of the prober: their slot had no room for them, or the prober failed.",
    impact: "Targets are probed less often than configured, so an outage is detected later.",
    check: [
      "Which probes, and why: `zako_watch_probe_gaps_total` by `target`, `probe` and `reason`.",
      "Whether many targets hang: each of them occupies one of six connections for its whole timeout.",
      "`npm run cli -- config check` says whether a slot has room for all runs, and which setting to change.",
      "Errors of a region in the Worker's logs.",
    ],
    fix: [
      "Follow the config check: a shorter `timeout`, a longer `interval`, more `lanes` or `shards`.",
      "Repair or remove targets that do not answer.",
    ],
  },
  {
    slug: "tokens-refused",
    alerts: ["ZakoTokensRefused"],
    means:
      "More than 30 tokens were refused within 10 minutes: for the API (`api`), `/metrics` (`metrics`), the pages (`pages`) or pushes (`push`). Mistyped tokens do not come to that.",
    impact:
      "None for probing and alerting. A client with an old token gets nothing: its scrapes or pushes are missing. An address with more than 20 wrong tokens a minute and no right one has to wait; all others are served.",
    check: [
      "Which route, and whether addresses are being slowed: `zako_watch_tokens_refused_total` by `route` and `reason`.",
      "Who asks: the platform's request logs have the addresses of answers 401 and 429.",
      "Whether a token was changed lately, and which Prometheus, build machine or script still has the old one.",
    ],
    fix: [
      "Give the client the new token.",
      "If nobody knows the address, block it with a rule of the platform's firewall, and set a new token if one may have leaked: `openssl rand -hex 32 | npx wrangler secret put NAME`.",
    ],
  },
  {
    slug: "series-dropped",
    alerts: ["ZakoSeriesDropped"],
    means:
      "A scrape or a push brought more label values than there is room for. A target has room for 1,000 reported series per source. Of one family, pushes may fill 500, and one process 250; the first 10 of every family always have room.",
    impact:
      "What was dropped is missing from metrics, rules and pages. Series that are known already are counted as before.",
    check: [
      "Which family: `zako_watch_readings_refused_total` by `target` and `source`, then `/metrics?target=NAME` for a family with hundreds of series. The answer to a push names the first ones.",
      "Which label has a value of its own per request, user, file or build.",
    ],
    fix: [
      "Remove that label at the sender, or do not import it: `families` in `watch.yaml` lists the labels that are kept.",
      "Nothing has to be deleted. Where room is short, series that were not reported for an hour give way to new ones, and series of a family with more than 50 end after a day without a report.",
    ],
  },
  {
    slug: "vantage-suspect",
    alerts: ["ZakoVantageSuspect"],
    means:
      "Most targets fail from one vantage while the other vantages see them up: the network path from there is broken, not Zako.",
    impact:
      "Votes of the vantage do not count until it agrees with the others again. Verdicts rest on one vantage less.",
    check: [
      "Reasons by vantage: `zako_v1_probe_failures_by_reason_total`.",
      "What differs on the network path from there: a firewall, a route, a blocked address.",
      "The platform's status page for that region.",
    ],
    fix: ["It usually passes. If it lasts, remove the region from `vantages`, or fix the network path."],
  },
  {
    slug: "watchdog",
    alerts: ["Watchdog"],
    means: "This alert is always firing. It shows that the whole notification path works.",
    impact: "None while it is firing. If it stops arriving, no other alert arrives either.",
    check: ["When it stops arriving: the Alerter, its routes, and the receiver that expects it."],
    fix: ["Send it to a service that reports its absence (a dead man's switch), and to nobody else."],
  },
];
