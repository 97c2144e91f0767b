import { stringify } from "yaml";
import { promqlSelector } from "../../evaluate/rules/promql-terms.ts";
import type { Matcher } from "../../model/alerting/matcher.ts";
import type { NotifyPolicy } from "../../model/alerting/route.ts";
import { nameOf, type Setup } from "./setup.ts";

const NOBODY = "nobody";

/** One matcher as Alertmanager reads it. */
const matcherText = (matcher: Matcher): string => promqlSelector("", [matcher]).slice(1, -1);

/**
 * `alertmanager.yml`: takes what zako-watch pushes and what Prometheus fires by our rules. Both have equal labels, so that
 * it merges them. The inhibitions are those of `watch.yaml`.
 */
export function alertmanagerFile(setup: Setup, { inhibitions }: Pick<NotifyPolicy, "inhibitions">): string {
  const receiver = nameOf(setup);
  const edge = setup.notifiesItself ? [{ matchers: ['pager="edge"'], receiver: NOBODY }] : [];
  return stringify({
    route: {
      receiver: NOBODY,
      routes: [
        { matchers: ['alertname="Watchdog"'], receiver: NOBODY },
        {
          matchers: ['alertname=~"Zako.+"'],
          receiver,
          group_by: ["target"],
          group_wait: "30s",
          group_interval: "5m",
          repeat_interval: "12h",
          routes: [...edge, { matchers: ['severity="critical"'], receiver, group_wait: "0s", repeat_interval: "1h" }],
        },
      ],
    },
    inhibit_rules: inhibitions.map(({ source, target, equal }) => ({
      source_matchers: source.map(matcherText),
      target_matchers: target.map(matcherText),
      equal: [...equal],
    })),
    receivers: [
      { name: NOBODY },
      { name: receiver, webhook_configs: [{ url: setup.webhookUrl, send_resolved: true }] },
    ],
  });
}
