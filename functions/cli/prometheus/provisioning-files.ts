import { rulesOf } from "../../config/rules/catalogue.ts";
import { DASHBOARD_NAMES, readDashboard } from "../../expose/grafana/dashboards.ts";
import { finishDashboard } from "../../expose/grafana/finish-dashboard.ts";
import { printedFor, printRules } from "../../expose/prometheus/prometheus-rules.ts";
import type { Config } from "../../model/config.ts";
import type { Family } from "../../model/metric.ts";
import { DEFAULT_NOTIFY } from "../../notify/policy/default-notify.ts";
import { alertmanagerFile } from "./alertmanager-file.ts";
import { alertRulesFile, contactPointsFile, dashboardsFile, dataSourceFile, policiesFile } from "./grafana-files.ts";
import { prometheusFile } from "./prometheus-file.ts";
import { RULES_FILE, type Setup } from "./setup.ts";

/** A file as it is printed, by its path. */
export type PrintedFiles = ReadonlyMap<string, string>;

const PROVISIONING = "grafana/provisioning";
const HEADER = "# Printed by `npm run cli -- prometheus config`. docs/grafana.md says where it belongs.\n";

/** Everything that Prometheus, Alertmanager and Grafana need to know of an installation. */
export async function provisioningFiles(
  setup: Setup,
  config: Config,
  families: readonly Family[],
): Promise<PrintedFiles> {
  const rules = printRules({ ...printedFor(config, families), externalUrl: setup.url });
  const files = new Map<string, string>([
    ["prometheus/prometheus.yml", HEADER + prometheusFile(setup)],
    [`prometheus/${RULES_FILE}`, rules],
    ["alertmanager/alertmanager.yml", HEADER + alertmanagerFile(setup, (config.notify ?? DEFAULT_NOTIFY).policy)],
    [`${PROVISIONING}/datasources/zako-watch.yaml`, HEADER + dataSourceFile(setup)],
    [`${PROVISIONING}/dashboards/zako-watch.yaml`, HEADER + dashboardsFile(setup)],
    [`${PROVISIONING}/alerting/zako-watch-contact-points.yaml`, HEADER + contactPointsFile(setup)],
    [`${PROVISIONING}/alerting/zako-watch-policies.yaml`, HEADER + policiesFile(setup)],
    [`${PROVISIONING}/alerting/zako-watch-rules.yaml`, HEADER + alertRulesFile(setup, rules)],
  ]);
  for (const name of DASHBOARD_NAMES) {
    const file = await readDashboard(name);
    if (file === undefined) continue;
    const finished = finishDashboard(file, { rules: rulesOf(config), externalUrl: setup.url });
    files.set(`grafana/dashboards/${name}.json`, `${JSON.stringify(finished, null, 2)}\n`);
  }
  return files;
}

/** Whether the configuration notifies people itself, by other ways than an Alertmanager. */
export const notifiesItself = ({ notify }: Pick<Config, "notify">): boolean => {
  const channels = (notify?.receivers ?? []).flatMap(({ endpoints }) => endpoints.map(({ channel }) => channel));
  return channels.length > 0 && !channels.includes("alertmanager");
};
