import type { Alert } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { SEVERITIES, severityOf } from "../../model/alerting/alert.ts";
import type { Command } from "../command.ts";
import { readOptions } from "../read-options.ts";
import { allPages } from "./all-pages.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { formatAlert } from "./format-alert.ts";

/** Shows what fires, the worst first. */
export const alertsList: Command = {
  name: "alerts list",
  usage: "[MATCHER...] [--ended] [--url URL]",
  summary: "Lists firing alerts, the receivers that were notified, and why others were not.",
  run(args, context) {
    const { values, positionals } = readOptions(args, { ...URL_OPTION, ended: { type: "boolean" } });
    return callApi(values.url, context, async ({ alerting, url }) => {
      const includeEnded = values.ended === true;
      const ask = { matchers: positionals, includeEnded };
      const alerts = await allPages(
        (page) => alerting.listAlerts({ ...ask, ...page }),
        (answer) => answer.alerts,
      );
      const firing = alerts.filter(({ endedAt }) => endedAt === undefined).length;
      const that = positionals.length === 0 ? "" : ` matching ${positionals.join(", ")}`;
      const head =
        firing === 0
          ? `No alerts${that} firing at ${url}`
          : `${firing} ${firing === 1 ? "alert" : "alerts"}${that} firing at ${url}`;
      const now = Date.now();
      const rank = ({ labels }: Alert): number => SEVERITIES.indexOf(severityOf(labels));
      const worstFirst = alerts.toSorted((a, b) => rank(a) - rank(b));
      context.print([head, ...worstFirst.map((alert) => formatAlert(alert, now))].join("\n\n"));
      return 0;
    });
  },
};
