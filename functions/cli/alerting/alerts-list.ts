import type { Alert } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { SEVERITIES, severityOf } from "../../model/alerting/alert.ts";
import type { Command } from "../command.ts";
import { readOptions } from "../read-options.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { formatAlert } from "./format-alert.ts";

/** Shows what fires, the worst first. */
export const alertsList: Command = {
  name: "alerts list",
  usage: "[MATCHER...] [--ended] [--url URL]",
  summary: "Shows what fires, who was told, and what keeps others from being told.",
  run(args, context) {
    const { values, positionals } = readOptions(args, { ...URL_OPTION, ended: { type: "boolean" } });
    return callApi(values.url, context, async ({ alerting, url }) => {
      const includeEnded = values.ended === true;
      const { alerts } = await alerting.listAlerts({ matchers: positionals, includeEnded });
      const firing = alerts.filter(({ endedAt }) => endedAt === undefined).length;
      const that = positionals.length === 0 ? "" : ` matching ${positionals.join(", ")}`;
      const head =
        firing === 0
          ? `nothing${that} fires at ${url}`
          : `${firing} ${firing === 1 ? "alert" : "alerts"}${that} ${firing === 1 ? "fires" : "fire"} at ${url}`;
      const now = Date.now();
      const rank = ({ labels }: Alert): number => SEVERITIES.indexOf(severityOf(labels));
      const worstFirst = alerts.toSorted((a, b) => rank(a) - rank(b));
      context.print([head, ...worstFirst.map((alert) => formatAlert(alert, now))].join("\n\n"));
      return 0;
    });
  },
};
