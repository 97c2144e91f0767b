import { writeFileSync } from "node:fs";
import { type Command, UsageError } from "../command.ts";
import { onlyOne, readOptions } from "../read-options.ts";
import { allPages } from "./all-pages.ts";
import { backupOf } from "./backup-file.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";

/** Writes what people have decided to a file. */
export const alertsExport: Command = {
  name: "alerts export",
  usage: "FILE [--url URL]",
  summary: "Writes silences that are not over, and acknowledgements of firing alerts, to a file.",
  run(args, context) {
    const { values, positionals } = readOptions(args, URL_OPTION);
    const file = onlyOne(positionals, "file");
    if (file === undefined) throw new UsageError("the file is missing; give one such as silences.json");
    return callApi(values.url, context, async ({ silences, alerting, url }) => {
      const all = await allPages(
        (page) => silences.listSilences({ includeExpired: false, ...page }),
        (answer) => answer.silences,
      );
      const alerts = await allPages(
        (page) => alerting.listAlerts({ matchers: [], includeEnded: false, ...page }),
        (answer) => answer.alerts,
      );
      const backup = backupOf(all, alerts, url, Date.now());
      // It names people and targets.
      writeFileSync(file, `${JSON.stringify(backup, null, 2)}\n`, { mode: 0o600 });
      context.print(
        `${file}: ${backup.silences.length} silences and ${backup.acknowledgements.length} acknowledgements of ${url}`,
      );
      return 0;
    });
  },
};
