import { rulesOf } from "../../config/rules/catalogue.ts";
import { suggestion } from "../../config/suggest.ts";
import { DASHBOARD_NAMES, readDashboard } from "../../expose/grafana/dashboards.ts";
import { finishDashboard } from "../../expose/grafana/finish-dashboard.ts";
import { type Command, UsageError } from "../command.ts";
import { readConfig } from "../config/read-config.ts";

/** Prints a dashboard for Grafana, as the product serves it. */
export const grafana: Command = {
  name: "grafana",
  usage: "NAME [FILE] [--local]",
  summary: `Prints a dashboard for Grafana: ${DASHBOARD_NAMES.join(", ")}.`,
  async run([name, ...args], context) {
    if (name === undefined) throw new UsageError(`no dashboard given; there are ${DASHBOARD_NAMES.join(", ")}`);
    const file = await readDashboard(name);
    if (file === undefined)
      throw new UsageError(`${JSON.stringify(name)} is not a dashboard${suggestion(name, DASHBOARD_NAMES)}`);
    const loaded = readConfig(args, context);
    if (loaded === undefined) return 1;
    const { config } = loaded;
    if (config.externalUrl === undefined)
      context.complain("external_url is not set, so the panels have no links to runbooks and target pages.");
    const finished = finishDashboard(file, { rules: rulesOf(config), externalUrl: config.externalUrl });
    context.print(JSON.stringify(finished, null, 2));
    return 0;
  },
};
