import { readFileSync } from "node:fs";
import { timestampFromDate, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Alert } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { cleanLine } from "../../lib/clean-text.ts";
import { type Command, UsageError } from "../command.ts";
import { onlyOne, readOptions } from "../read-options.ts";
import { allPages } from "./all-pages.ts";
import { type BackedAcknowledgement, type Backup, isSameSilence, readBackup, silenceOf } from "./backup-file.ts";
import { type Api, callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";

/** Brings back what `alerts export` has written. What is there already stays as it is, so that it can be repeated. */
export const alertsImport: Command = {
  name: "alerts import",
  usage: "FILE [--any-start] [--url URL]",
  summary:
    "Adds the silences and acknowledgements of a file that are not there yet; with --any-start, also acknowledges alerts that have fired anew since.",
  run(args, context) {
    const { values, positionals } = readOptions(args, { ...URL_OPTION, "any-start": { type: "boolean" } });
    const file = onlyOne(positionals, "file");
    if (file === undefined) throw new UsageError("the file is missing; give one that `alerts export` has written");
    const read = readFile(file);
    if (!read.ok) {
      context.complain(`${file}: ${read.why}`);
      return 1;
    }
    const { backup } = read;
    return callApi(values.url, context, async (api) => {
      context.print(await importSilences(api, backup, Date.now()));
      const { line, left } = await importAcknowledgements(api, backup, values["any-start"] === true);
      context.print(line);
      for (const why of left) context.complain(why);
      return 0;
    });
  },
};

function readFile(file: string): ReturnType<typeof readBackup> {
  try {
    return readBackup(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { ok: false, why: code === "ENOENT" ? "file not found" : `cannot be read (${code})` };
  }
}

async function importSilences({ silences }: Api, backup: Backup, now: number): Promise<string> {
  const listed = await allPages(
    (page) => silences.listSilences({ includeExpired: false, ...page }),
    (answer) => answer.silences,
  );
  const known = listed.map(silenceOf);
  const count = { added: 0, known: 0, over: 0 };
  for (const silence of backup.silences) {
    if (Date.parse(silence.endsAt) <= now) count.over++;
    else if (known.some((one) => isSameSilence(one, silence, now))) count.known++;
    else {
      const { startsAt, endsAt, ...rest } = silence;
      await silences.addSilence({
        ...rest,
        startsAt: timestampFromDate(new Date(startsAt)),
        endsAt: timestampFromDate(new Date(endsAt)),
      });
      known.push(silence);
      count.added++;
    }
  }
  return `silences: ${count.added} added, ${count.known} there already, ${count.over} over since`;
}

async function importAcknowledgements(
  { alerting }: Api,
  { acknowledgements }: Backup,
  anyStart: boolean,
): Promise<{ line: string; left: string[] }> {
  const alerts = await allPages(
    (page) => alerting.listAlerts({ matchers: [], includeEnded: false, ...page }),
    (answer) => answer.alerts,
  );
  const count = { added: 0, known: 0, ended: 0 };
  const left: string[] = [];
  for (const one of acknowledgements) {
    const firing = alerts.find(({ fingerprint }) => fingerprint === one.fingerprint);
    if (firing === undefined) count.ended++;
    else if (firing.acknowledgement !== undefined) count.known++;
    else if (!anyStart && startOf(firing) !== Date.parse(one.startsAt)) left.push(anew(one, firing));
    else {
      const { fingerprint, author, comment } = one;
      const start = firing.startsAt === undefined ? {} : { startsAt: firing.startsAt };
      await alerting.acknowledge({ fingerprint, author, comment, ...start });
      count.added++;
    }
  }
  const line = `acknowledgements: ${count.added} added, ${count.known} there already, ${count.ended} of alerts that do not fire now, ${left.length} left out`;
  return { line, left };
}

const startOf = ({ startsAt }: Alert): number => (startsAt === undefined ? 0 : timestampMs(startsAt));

/** Somebody who has acknowledged one outage knows nothing of the next. */
const anew = ({ alert, author, startsAt, fingerprint }: BackedAcknowledgement, firing: Alert): string =>
  cleanLine(
    `${alert}: ${author} acknowledged what began at ${startsAt}; it fires since ${new Date(startOf(firing)).toISOString()}. If it is the same outage: npm run cli -- ack ${fingerprint}, or --any-start`,
  );
