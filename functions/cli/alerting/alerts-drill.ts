import { type Command, UsageError } from "../command.ts";
import { readOptions } from "../read-options.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { formatAlert } from "./format-alert.ts";
import { authorOf, readLabelsOption } from "./read-labels.ts";

/** Sends a test alert. */
export const alertsDrill: Command = {
  name: "alerts drill",
  usage: "[--labels a=b,c=d] [--author NAME] [--url URL]",
  summary: "Sends a test alert through routing and delivery to its receivers. It resolves by itself.",
  run(args, context) {
    const options = { ...URL_OPTION, labels: { type: "string" }, author: { type: "string" } } as const;
    const { values, positionals } = readOptions(args, options);
    if (positionals.length > 0) throw new UsageError(`unexpected argument ${JSON.stringify(positionals[0])}`);
    const labels = { ...readLabelsOption("--labels", values.labels ?? "") };
    const author = authorOf(values.author, context.env);
    return callApi(values.url, context, async ({ alerting }) => {
      const { alert, receivers } = await alerting.startDrill({ labels, author });
      const notified =
        receivers.length === 0
          ? "it notifies no receiver (`route test` says why)"
          : `it notifies ${receivers.join(", ")}, at once or after group_wait`;
      context.print(
        `the drill has started and resolves by itself after 5 minutes; ${notified}\n\n${alert === undefined ? "" : formatAlert(alert, Date.now())}`,
      );
      return 0;
    });
  },
};
