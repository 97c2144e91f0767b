import type { Rows } from "../execute-d1.ts";
import type { Done } from "../run-wrangler.ts";

/** Who pushed, and the time of the override that they pushed, epoch ms. */
export interface Push {
  at: number;
  author: string;
}

/** The log of pushes in D1: KV cannot compare and set, D1 can. */
export interface PushLog {
  /** The newest push. */
  last(): Done<Push | undefined>;
  /** Logs a push, if `after` is still the newest one; else answers with the one that came between. */
  claim(push: Push, after: Push | undefined): Done<Push | undefined>;
}

const LAST = "SELECT at, author FROM config_push ORDER BY at DESC LIMIT 1";
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The log over whatever runs its statements. */
export const pushLog = (run: (statements: readonly string[]) => Done<Rows>): PushLog => ({
  last() {
    const done = run([LAST]);
    return done.ok ? { ok: true, value: pushOf(done.value[0]) } : done;
  },
  claim({ at, author }, after) {
    const newest = "coalesce((SELECT max(at) FROM config_push), 0)";
    const insert = `INSERT INTO config_push (at, author) SELECT ${at}, ${quote(author)} WHERE ${newest} = ${after?.at ?? 0} RETURNING at`;
    const done = run([insert, LAST]);
    if (!done.ok) return done;
    const [inserted, newer] = done.value;
    return { ok: true, value: inserted?.length === 1 ? undefined : pushOf(newer) };
  },
});

const pushOf = (rows: Rows[number] | undefined): Push | undefined => {
  const [row] = rows ?? [];
  return row && { at: Number(row["at"]), author: String(row["author"]) };
};
