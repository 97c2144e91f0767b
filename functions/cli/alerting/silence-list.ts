import { type Command, UsageError } from "../command.ts";
import { readOptions } from "../read-options.ts";
import { allPages } from "./all-pages.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { formatSilence } from "./format-silence.ts";

/** Lists silences. */
export const silenceList: Command = {
  name: "silence list",
  usage: "[--all] [--url URL]",
  summary: "Lists active and pending silences; with --all, expired ones too.",
  run(args, context) {
    const { values, positionals } = readOptions(args, { ...URL_OPTION, all: { type: "boolean" } });
    if (positionals.length > 0) throw new UsageError(`unexpected argument ${JSON.stringify(positionals[0])}`);
    return callApi(values.url, context, async ({ silences: service, url }) => {
      const ask = { includeExpired: values.all === true };
      const silences = await allPages(
        (page) => service.listSilences({ ...ask, ...page }),
        (answer) => answer.silences,
      );
      const now = Date.now();
      context.print(
        silences.length === 0
          ? `no silences at ${url}`
          : silences.map((silence) => formatSilence(silence, now)).join("\n\n"),
      );
      return 0;
    });
  },
};
