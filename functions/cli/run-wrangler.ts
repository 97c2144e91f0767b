import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Where a command of Wrangler does its work: on the account, or on the state of a local run. */
export type Place = { remote: true } | { remote: false; state: string };

/** What a call of Wrangler came to, or of something in its stead. */
export type Done<T> = { ok: true; value: T } | { ok: false; said: string };

/** What Wrangler has printed: `said` is all of it, for people. */
export interface Said {
  code: number;
  out: string;
  said: string;
}

const CLI = fileURLToPath(new URL("../../node_modules/wrangler/bin/wrangler.js", import.meta.url).href);

/** Runs a command of the pinned Wrangler to its end. */
export function runWrangler(command: readonly string[], place: Place): Said {
  const where = place.remote ? ["--remote"] : ["--local", "--persist-to", place.state];
  const done = spawnSync(process.execPath, [CLI, ...command, ...where], {
    encoding: "utf8",
    stdio: ["inherit", "pipe", "pipe"],
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", NO_COLOR: "1" },
    maxBuffer: 64 * 2 ** 20,
  });
  const said = `${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}`.trim();
  return { code: done.status ?? 1, out: done.stdout ?? "", said };
}
