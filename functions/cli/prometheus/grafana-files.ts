import { parse, stringify } from "yaml";
import { DASHBOARD_FOLDER, DATA_SOURCE_UID, nameOf, type Setup } from "./setup.ts";

/** Grafana expands `$NAME` in provisioning files; `$$` is a dollar. */
const literal = (text: string): string => text.replaceAll("$", "$$$$");

/** The data sources: Prometheus, and the Alertmanager, whose alerts Grafana then lists. */
export function dataSourceFile({ prometheusUrl, alertmanagerUrl, scrapeInterval }: Setup): string {
  return stringify({
    apiVersion: 1,
    datasources: [
      {
        name: "Prometheus (zako-watch)",
        uid: DATA_SOURCE_UID,
        type: "prometheus",
        access: "proxy",
        url: prometheusUrl,
        jsonData: { httpMethod: "POST", timeInterval: scrapeInterval },
      },
      {
        name: "Alertmanager (zako-watch)",
        uid: "zako-watch-alertmanager",
        type: "alertmanager",
        access: "proxy",
        url: alertmanagerUrl,
        jsonData: { implementation: "prometheus" },
      },
    ],
  });
}

/** Where Grafana finds the dashboards. */
export const dashboardsFile = (setup: Setup): string =>
  stringify({
    apiVersion: 1,
    providers: [
      {
        name: nameOf(setup),
        folder: "Zako",
        type: "file",
        disableDeletion: true,
        allowUiUpdates: false,
        updateIntervalSeconds: 60,
        options: { path: DASHBOARD_FOLDER },
      },
    ],
  });

/** Who is notified by Grafana. */
export const contactPointsFile = (setup: Setup): string =>
  stringify({
    apiVersion: 1,
    contactPoints: [
      {
        orgId: 1,
        name: nameOf(setup),
        receivers: [{ uid: `${nameOf(setup)}-webhook`, type: "webhook", settings: { url: literal(setup.webhookUrl) } }],
      },
    ],
  });

/** Grafana has one tree of policies, and a file replaces all of it. */
export function policiesFile(setup: Setup): string {
  const receiver = nameOf(setup);
  return stringify({
    apiVersion: 1,
    policies: [
      {
        orgId: 1,
        receiver,
        group_by: ["target"],
        group_wait: "30s",
        group_interval: "5m",
        repeat_interval: "12h",
        routes: [
          {
            receiver,
            object_matchers: [["severity", "=", "critical"]],
            group_wait: "0s",
            repeat_interval: "1h",
          },
        ],
      },
    ],
  });
}

interface Alert {
  alert?: string;
  expr: string;
  for?: string;
  keep_firing_for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/**
 * The alerts of the printed rules as rules that Grafana evaluates, for those who do not let Prometheus do it. Their
 * expressions read the recording rules, which Prometheus has to load in any case. An expression has a row only where the
 * alert holds, whatever its value, so any number is a firing alert and no rows are none.
 */
export function alertRulesFile(setup: Setup, rules: string): string {
  const { groups } = parse(rules) as { groups: { name: string; rules: Alert[] }[] };
  return stringify(
    {
      apiVersion: 1,
      groups: groups
        // Whether alerts arrive is asked of Prometheus; what is not collected cannot fire.
        .filter(
          ({ name, rules: all }) => name !== "zako-watch-not-collected" && all.some(({ alert }) => alert !== undefined),
        )
        .map(({ name, rules: ofGroup }) => ({
          orgId: 1,
          name: `${name} (${setup.installation})`,
          folder: "Zako",
          interval: "1m",
          rules: ofGroup
            .filter(({ alert }) => alert !== undefined && alert !== "Watchdog")
            // A rule with overrides has one alert per severity.
            .map((rule, i, all) =>
              grafanaRule(setup, rule, all.slice(0, i).filter(({ alert }) => alert === rule.alert).length),
            ),
        })),
    },
    { lineWidth: 0 },
  );
}

const ANY_NUMBER = "is_number($rows) || is_nan($rows) || is_inf($rows)";

function grafanaRule(setup: Setup, rule: Alert, again: number): object {
  const { alert = "", labels, annotations } = rule;
  const query = { refId: "rows", datasourceUid: DATA_SOURCE_UID, relativeTimeRange: { from: 600, to: 0 } };
  return {
    uid: `${alert}${again === 0 ? "" : again}-${setup.installation}`.slice(0, 40),
    title: again === 0 ? alert : `${alert} (${labels["severity"]})`,
    condition: "firing",
    data: [
      { ...query, model: { refId: "rows", expr: literal(rule.expr.trim()), instant: true, range: false } },
      {
        refId: "firing",
        datasourceUid: "__expr__",
        model: { refId: "firing", type: "math", expression: literal(ANY_NUMBER) },
      },
    ],
    for: rule.for ?? "0s",
    ...(rule.keep_firing_for === undefined ? {} : { keep_firing_for: rule.keep_firing_for }),
    noDataState: "OK",
    execErrState: "Error",
    labels,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, text]) => [
        name,
        literal(text.replaceAll("$value", "$values.rows.Value")),
      ]),
    ),
  };
}
