import { trimCharacter } from "../../lib/trim-character.ts";
import { UsageError } from "../command.ts";
import { type LocalRun, localRuns } from "../local-run.ts";

/** An installation, and the token that opens its API. */
export interface Connection {
  /** No slash at the end. */
  url: string;
  token: string;
}

/** Where a command finds the installation, or why it cannot be used: a whole sentence that says what to do. */
export type Connected = { ok: true; connection: Connection } | { ok: false; why: string };

/** Where `npm start` listens unless PORT says otherwise. */
const DEFAULT_URL = "http://127.0.0.1:8787";
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The option that names an installation. */
export const URL_OPTION = { url: { type: "string" } } as const;

/**
 * Works out which installation is meant and with which token. `asked`: the value of `--url`. Without that option and
 * without ZAKO_WATCH_URL it is the local run of this checkout.
 */
export function connect(
  asked: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  runs: readonly LocalRun[] = localRuns(),
): Connected {
  const named = asked ?? (env["ZAKO_WATCH_URL"] || undefined);
  if (named === undefined && runs.length > 1) return { ok: false, why: severalRuns(runs) };
  const [only] = runs;
  const text = named ?? (only === undefined ? DEFAULT_URL : urlOf(only));
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new UsageError(
      `${JSON.stringify(text)} is not the URL of an installation; give one such as https://watch.example`,
    );
  const isLocal = LOOPBACK.has(url.hostname);
  const base = `${url.origin}${trimCharacter(url.pathname, "/", "end")}`;
  if (url.protocol === "http:" && !isLocal)
    return { ok: false, why: `The admin token is not sent to ${base}: http is not encrypted. Use https.` };
  const port = Number(url.port || (url.protocol === "http:" ? 80 : 443));
  const local = isLocal ? runs.find((run) => run.port === port) : undefined;
  const token = env["ADMIN_TOKEN"]?.trim() || local?.adminToken;
  if (token !== undefined) return { ok: true, connection: { url: base, token } };
  const why = isLocal
    ? `No admin token for ${base}: no "npm start" of this checkout runs there. Start one, or set ADMIN_TOKEN in the environment.`
    : `No admin token for ${base}. Set ADMIN_TOKEN in the environment to the value of that secret.`;
  return { ok: false, why };
}

const urlOf = ({ port }: LocalRun): string => `http://127.0.0.1:${port}`;

const severalRuns = (runs: readonly LocalRun[]): string =>
  `Several local runs are up: ${runs.map(urlOf).join(", ")}. Select one with --url, such as --url ${urlOf(runs[0] as LocalRun)}.`;
