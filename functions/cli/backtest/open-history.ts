import { readFileSync } from "node:fs";
import type { AskHistory } from "../../store/history/history-replay.ts";
import { executeD1 } from "../execute-d1.ts";
import type { Done, Place } from "../run-wrangler.ts";

/** A copy of D1's history, or why there is none, in words that say what to do. */
export type Opened = Done<AskHistory>;

/** History that could not be asked after all; the message is for people. */
export class HistoryError extends Error {
  override name = "HistoryError";
}

const MAGIC = "SQLite format 3\0";

/** History in D1, through Wrangler. A call takes a second or two, so it should be worth it. */
export const wranglerHistory =
  (place: Place): AskHistory =>
  (statements) => {
    const done = executeD1(place, statements);
    if (done.ok) return done.value as Record<string, unknown>[][];
    const hint = place.remote
      ? "the Worker must have been deployed (`npm run deploy` makes its database), and wrangler must be logged in; CLOUDFLARE_ENV names an environment"
      : `${place.state} must be the state of a local run`;
    throw new HistoryError(`${done.said}\nCannot read history from D1; ${hint}`);
  };

/** History in a file: a database of SQLite, or the SQL text that `wrangler d1 export` writes. */
export function openHistoryFile(file: string): Opened {
  // Not imported above: the other commands have no use for it, and older versions of Node do not have it.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  try {
    const bytes = readFileSync(file);
    const isDatabase = bytes.subarray(0, MAGIC.length).toString("latin1") === MAGIC;
    const database = isDatabase ? new DatabaseSync(file, { readOnly: true }) : new DatabaseSync(":memory:");
    if (!isDatabase) database.exec(bytes.toString("utf8"));
    database.prepare("SELECT target, hour, owner, probes, samples FROM history LIMIT 1");
    return { ok: true, value: (statements) => statements.map((sql) => database.prepare(sql).all()) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      said: `${file}: is not a readable copy of D1's history (${why}); make one with \`npx wrangler d1 export zako-watch --remote --output FILE\``,
    };
  }
}
