import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { raiseOwnAlerts } from "../../functions/alerter/own-alerts.ts";
import { OWN_ALERTS, possibleAlerts } from "../../functions/config/notify/possible-alerts.ts";
import { printRules } from "../../functions/expose/prometheus/prometheus-rules.ts";
import type { AlertLabels } from "../../functions/model/alerting/alert.ts";
import { AlerterHead } from "../../functions/store/alerter/alerter-head.ts";
import { alerterConfig, MINUTE, route, START } from "./world.ts";

/** The labels of the alerts that the Alerter raises where a route asks for the Watchdog and shard 0 is stale. */
const ofTheAlerter = (): Promise<AlertLabels[]> =>
  runInDurableObject(env.ALERTER.getByName(crypto.randomUUID()), async (_, { storage }) => {
    const head = new AlerterHead(storage, START);
    head.shards.set("0", { generation: 1, sequence: 1, lastSeenAt: START, missedWakes: 60 });
    const config = alerterConfig();
    const asking = route({ routes: [route({ matchers: [{ name: "alertname", op: "=", value: "Watchdog" }] })] });
    raiseOwnAlerts(head, { ...config, policy: { ...config.policy, route: asking } }, START + 60 * MINUTE);
    return [...head.alerts.all.values()].map(({ labels }) => labels);
  });

/** The labels of the printed alerts of this name, with those that their expression keeps. */
function printed(name: string, kept: AlertLabels): AlertLabels {
  const text = printRules({ rules: [], families: new Map(), targets: [], externalUrl: undefined });
  const { groups } = parse(text) as { groups: { rules: { alert: string; labels: AlertLabels }[] | null }[] };
  const rule = groups.flatMap(({ rules }) => rules ?? []).find(({ alert }) => alert === name);
  return { alertname: name, ...rule?.labels, ...kept };
}

it("an Alertmanager that both sides feed sees one Watchdog and one stale shard: their labels are the same", async () => {
  const raised = await ofTheAlerter();
  expect(raised).toHaveLength(2);
  expect(raised).toContainEqual(printed("Watchdog", {}));
  expect(raised).toContainEqual(printed("ZakoProberStale", { shard: "0" }));
});

it("what routes are checked against has the labels of these alerts", async () => {
  const possible = possibleAlerts([], []);
  expect(possible.map(({ alertname }) => alertname)).toEqual(Object.keys(OWN_ALERTS));
  for (const { shard: _, ...labels } of await ofTheAlerter()) expect(possible).toContainEqual(labels);
});
