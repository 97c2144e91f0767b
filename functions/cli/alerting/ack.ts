import { type Command, UsageError } from "../command.ts";
import { onlyOne, readOptions } from "../read-options.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { formatAcknowledgement } from "./format-alert.ts";
import { authorOf } from "./read-labels.ts";

/** Acknowledges an alert. */
export const ack: Command = {
  name: "ack",
  usage: "FINGERPRINT [--author NAME] [--comment TEXT] [--url URL]",
  summary: "Acknowledges an alert: escalation and reminders stop until it resolves.",
  run(args, context) {
    const options = { ...URL_OPTION, author: { type: "string" }, comment: { type: "string" } } as const;
    const { values, positionals } = readOptions(args, options);
    const fingerprint = onlyOne(positionals, "fingerprint");
    if (fingerprint === undefined) throw new UsageError("the fingerprint is missing; `alerts list` shows it");
    const author = authorOf(values.author, context.env);
    return callApi(values.url, context, async ({ alerting }) => {
      const { alert } = await alerting.acknowledge({ fingerprint, author, comment: values.comment ?? "" });
      const { acknowledgement, labels = {} } = alert ?? {};
      const name = `${labels["alertname"] ?? fingerprint}${labels["target"] === undefined ? "" : ` of ${labels["target"]}`}`;
      context.print(
        acknowledgement === undefined
          ? `${name} has already resolved; there is nothing to acknowledge`
          : `${name} is ${formatAcknowledgement(acknowledgement)}`,
      );
      return 0;
    });
  },
};
