import { cleanLine } from "../../lib/clean-text.ts";
import { spellDuration } from "../../lib/spell-time.ts";
import type { Command } from "../command.ts";
import { onlyOne, readOptions } from "../read-options.ts";
import { columns } from "../table.ts";
import { allPages } from "./all-pages.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";

/** Shows the uptime of targets. */
export const uptime: Command = {
  name: "uptime",
  usage: "[TARGET] [--url URL]",
  summary: "Shows the uptime of targets over the last 30 days; maintenance and unknown time do not count.",
  run(args, context) {
    const { values, positionals } = readOptions(args, URL_OPTION);
    const target = onlyOne(positionals, "target");
    return callApi(values.url, context, async ({ alerting, url }) => {
      const uptimes = await allPages(
        (page) => alerting.listUptimes(page),
        (answer) => answer.uptimes,
      );
      const all = uptimes.filter((one) => target === undefined || one.target === target);
      const rows = all.map(({ target: name, ratio, downSeconds, countedSeconds }) => [
        cleanLine(name),
        // Rounded down, so that 100 % means that it was never down.
        ratio === undefined ? "no data yet" : `${(Math.floor(ratio * 100_000) / 1_000).toFixed(3)} %`,
        downSeconds === 0 ? "0 s" : spellDuration(downSeconds * 1000),
        spellDuration(countedSeconds * 1000),
      ]);
      const none =
        target === undefined ? `no targets at ${url}` : `${JSON.stringify(target)} is not a target at ${url}`;
      context.print(rows.length === 0 ? none : columns([["target", "uptime", "downtime", "measured"], ...rows]));
      return rows.length === 0 && target !== undefined ? 1 : 0;
    });
  },
};
