import { timestampMs } from "@bufbuild/protobuf/wkt";
import { cleanLine } from "../../lib/clean-text.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import type { Command } from "../command.ts";
import { onlyOne, readOptions } from "../read-options.ts";
import { columns } from "../table.ts";
import { allPages } from "./all-pages.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";

/** Lists the times in which targets were down. */
export const incidents: Command = {
  name: "incidents",
  usage: "[TARGET] [--open] [--url URL]",
  summary: "Lists the incidents of the last 30 days: when a target was down, and which alert fired first.",
  run(args, context) {
    const { values, positionals } = readOptions(args, { ...URL_OPTION, open: { type: "boolean" } });
    const target = onlyOne(positionals, "target") ?? "";
    return callApi(values.url, context, async ({ alerting, url }) => {
      const ask = { target, openOnly: values.open === true };
      const all = await allPages(
        (page) => alerting.listIncidents({ ...ask, ...page }),
        (answer) => answer.incidents,
      );
      const now = Date.now();
      const rows = all.map(({ target: name, openedAt, closedAt, removed, acknowledgedBy, causes }) => {
        const opened = openedAt === undefined ? now : timestampMs(openedAt);
        const lasted = spellDuration((closedAt === undefined ? now : timestampMs(closedAt)) - opened);
        const end = closedAt === undefined ? "ongoing" : removed ? "target removed" : "resolved";
        return [name, spellTime(opened), lasted, end, acknowledgedBy || "-", causes[0]?.summary ?? ""].map(cleanLine);
      });
      const head = ["target", "down since", "for", "state", "acknowledged by", "first alert"];
      context.print(rows.length === 0 ? `no incidents at ${url}` : columns([head, ...rows]));
      return 0;
    });
  },
};
