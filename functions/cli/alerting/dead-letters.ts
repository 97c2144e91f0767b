import { timestampMs } from "@bufbuild/protobuf/wkt";
import { cleanLine } from "../../lib/clean-text.ts";
import { type Command, UsageError } from "../command.ts";
import { readOptions } from "../read-options.ts";
import { columns } from "../table.ts";
import { allPages } from "./all-pages.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { spellMoment } from "./moment.ts";

/** Lists dead letters. */
export const deadLetters: Command = {
  name: "dead-letters",
  usage: "[--url URL]",
  summary: "Lists the messages of the last 7 days that could not be delivered, and why.",
  run(args, context) {
    const { values, positionals } = readOptions(args, URL_OPTION);
    if (positionals.length > 0) throw new UsageError(`unexpected argument ${JSON.stringify(positionals[0])}`);
    return callApi(values.url, context, async ({ alerting, url }) => {
      const letters = await allPages(
        (page) => alerting.listDeadLetters(page),
        (answer) => answer.deadLetters,
      );
      const now = Date.now();
      const rows = letters.map((letter) => {
        const names = letter.names.join(", ");
        const more = letter.alerts > letter.names.length ? `${names} and more` : names;
        const at = letter.givenUpAt === undefined ? "" : spellMoment(timestampMs(letter.givenUpAt), now);
        const said = `${letter.critical ? "critical " : ""}${letter.resolved ? "resolve of " : ""}${more}`;
        const why = `${letter.reason}: ${letter.why}`;
        return [at, `${letter.receiver} by ${letter.channel}`, said, `${letter.tries}`, why].map(cleanLine);
      });
      const head = ["given up", "receiver", "message", "tries", "why"];
      context.print(rows.length === 0 ? `no dead letters at ${url}` : columns([head, ...rows]));
      return 0;
    });
  },
};
