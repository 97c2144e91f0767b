import { type Command, UsageError } from "../command.ts";
import { onlyOne, readOptions } from "../read-options.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { formatSilence } from "./format-silence.ts";

/** Expires a silence now. */
export const silenceExpire: Command = {
  name: "silence expire",
  usage: "ID [--url URL]",
  summary: "Expires a silence now.",
  run(args, context) {
    const { values, positionals } = readOptions(args, URL_OPTION);
    const id = onlyOne(positionals, "id");
    if (id === undefined) throw new UsageError("the id is missing; `silence list` shows it");
    return callApi(values.url, context, async ({ silences }) => {
      const { silence } = await silences.expireSilence({ id });
      if (silence !== undefined) context.print(formatSilence(silence, Date.now()));
      return 0;
    });
  },
};
