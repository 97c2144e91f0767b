import { type Command, UsageError } from "../command.ts";
import { readOptions } from "../read-options.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { formatSilence } from "./format-silence.ts";

/** Shows what is muted. */
export const silenceList: Command = {
  name: "silence list",
  usage: "[--all] [--url URL]",
  summary: "Shows silences in force and to come; with --all those too that are over.",
  run(args, context) {
    const { values, positionals } = readOptions(args, { ...URL_OPTION, all: { type: "boolean" } });
    if (positionals.length > 0) throw new UsageError(`${JSON.stringify(positionals[0])} is too much`);
    return callApi(values.url, context, async ({ silences: service, url }) => {
      const { silences } = await service.listSilences({ includeExpired: values.all === true });
      const now = Date.now();
      context.print(
        silences.length === 0
          ? `nothing is silenced at ${url}`
          : silences.map((silence) => formatSilence(silence, now)).join("\n\n"),
      );
      return 0;
    });
  },
};
