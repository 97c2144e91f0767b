import { type Done, type Place, runWrangler } from "./run-wrangler.ts";

/** The binding of D1 in wrangler.toml. */
const BINDING = "DB";

/** Rows of each statement. */
export type Rows = readonly Record<string, unknown>[][];

/** Runs statements on D1 through Wrangler, in one call: it takes a second or two. */
export function executeD1(place: Place, statements: readonly string[]): Done<Rows> {
  const command = ["d1", "execute", BINDING, "--json", "--yes", "--command", statements.join(";\n")];
  const { code, out, said } = runWrangler(command, place);
  if (code !== 0) return { ok: false, said };
  // Whatever Wrangler has to say besides comes before, and may hold a bracket as well.
  const answers = JSON.parse(out.slice(Math.max(0, out.search(/^\[\s*(\{|\]|$)/m)))) as {
    results: Record<string, unknown>[];
  }[];
  return { ok: true, value: answers.map(({ results }) => results) };
}
