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
  summary: "Sends a test alert through routing and delivery to whoever would be told; it ends by itself.",
  run(args, context) {
    const options = { ...URL_OPTION, labels: { type: "string" }, author: { type: "string" } } as const;
    const { values, positionals } = readOptions(args, options);
    if (positionals.length > 0) throw new UsageError(`${JSON.stringify(positionals[0])} is too much`);
    const labels = { ...readLabelsOption("--labels", values.labels ?? "") };
    const author = authorOf(values.author, context.env);
    return callApi(values.url, context, async ({ alerting }) => {
      const { alert, receivers } = await alerting.startDrill({ labels, author });
      const notified =
        receivers.length === 0
          ? "no receiver with a channel is told of it (route test says why)"
          : `told, at once or after their wait: ${receivers.join(", ")}`;
      context.print(
        `the drill has begun, and ends by itself after 5 minutes; ${notified}\n\n${alert === undefined ? "" : formatAlert(alert, Date.now())}`,
      );
      return 0;
    });
  },
};
