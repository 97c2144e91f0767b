import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseDuration } from "../../lib/duration.ts";
import { type CommandContext, UsageError } from "../command.ts";
import { type LocalRun, localRuns } from "../local-run.ts";
import { onlyLocalState } from "../local-state.ts";
import type { Place } from "../run-wrangler.ts";

/** What `rules backtest` is called with. Times in epoch ms. */
export interface BacktestArguments {
  file: string;
  against: string;
  from: number;
  to: number;
  target: string | undefined;
  /** Where to read history from: a file, or D1. */
  history: { database: string } | Place;
  json: boolean;
}

/** How the command is called. */
export const USAGE =
  "FILE [--since 7d] [--until T] [--target NAME] [--against FILE] [--remote|--local [--persist-to DIR]|--database FILE] [--json]";

const OPTIONS = {
  since: { type: "string" },
  until: { type: "string" },
  target: { type: "string" },
  against: { type: "string" },
  remote: { type: "boolean" },
  local: { type: "boolean" },
  "persist-to": { type: "string" },
  database: { type: "string" },
  json: { type: "boolean" },
} as const;

/** With a zone, or in UTC: what a rule did must not depend on where the reader sits. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

function timeOf(option: string, text: string, now: number): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  const zoned = /(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes("T") ? text : `${text}Z`;
  const at = INSTANT.test(text) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(
      `--${option} is ${JSON.stringify(text)}; write how long ago, such as 7d, or a time, such as 2026-11-22T11:49Z`,
    );
  return at;
}

/** Reads the command line. Throws `UsageError` where it is wrong. */
export function backtestArguments(
  args: readonly string[],
  { env }: CommandContext,
  now: number,
  runs: readonly LocalRun[] = localRuns(),
): BacktestArguments {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split(". ")[0] : String(error));
  }
  const { values, positionals } = parsed;
  const [file] = positionals;
  if (file === undefined) throw new UsageError("no file given");
  if (positionals.length > 1) throw new UsageError(`${positionals.length} files given; give one`);
  const places = (["remote", "local", "database"] as const).filter((name) => values[name] !== undefined);
  if (places.length > 1) throw new UsageError(`--${places.join(" and --")} exclude each other`);
  if (values["persist-to"] !== undefined && !values.local) throw new UsageError("--persist-to needs --local");
  const to = values.until === undefined ? now : timeOf("until", values.until, now);
  const from = timeOf("since", values.since ?? "7d", now);
  if (from >= to) throw new UsageError("--since must be before --until");
  const { database } = values;
  const place: Place = values.local
    ? { remote: false, state: values["persist-to"] ?? onlyLocalState(runs) }
    : { remote: true };
  return {
    file,
    against: values.against ?? runOf(place, runs)?.configPath ?? (env["WATCH_CONFIG"] || "watch.yaml"),
    from,
    to,
    target: values.target,
    history: database === undefined ? place : { database },
    json: values.json === true,
  };
}

/** The local run whose state is read: what it watches is written where it says. */
const runOf = (place: Place, runs: readonly LocalRun[]): LocalRun | undefined =>
  place.remote ? undefined : runs.find(({ statePath }) => resolve(statePath) === resolve(place.state));
