import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OVERRIDE_KEY } from "../store/override-kv.ts";

/** Where the override is kept: the deployed Worker's namespace, or that of `npm start`. */
export type Place = { remote: true } | { remote: false; state: string };

/** What Wrangler came to. */
export type Done<T> = { ok: true; value: T } | { ok: false; said: string };

/** The key of KV that holds the override, as Wrangler reaches it. */
export interface OverrideStore {
  /** The text that is there; undefined where there is none. */
  get(): Done<string | undefined>;
  put(text: string): Done<undefined>;
}

const CLI = fileURLToPath(new URL("../../node_modules/wrangler/bin/wrangler.js", import.meta.url).href);

/** How Wrangler 4 says that a key does not exist: locally on its output, remotely as an error of the API. */
const NO_SUCH_KEY = /^Value not found\s*$|\b404\b.*not found/im;

function run(args: readonly string[], place: Place): { code: number; out: string; said: string } {
  const where = place.remote ? ["--remote"] : ["--local", "--persist-to", place.state];
  const done = spawnSync(process.execPath, [CLI, "kv", "key", ...args, "--binding", "KV", ...where], {
    encoding: "utf8",
    stdio: ["inherit", "pipe", "pipe"],
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", NO_COLOR: "1" },
    maxBuffer: 64 * 2 ** 20,
  });
  const said = `${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}`.trim();
  return { code: done.status ?? 1, out: done.stdout ?? "", said };
}

/** The override's key in a place. */
export function wranglerKv(place: Place): OverrideStore {
  return {
    get() {
      const { code, out, said } = run(["get", OVERRIDE_KEY, "--text"], place);
      if (NO_SUCH_KEY.test(said)) return { ok: true, value: undefined };
      return code === 0 ? { ok: true, value: out } : { ok: false, said };
    },
    put(text) {
      const folder = mkdtempSync(join(tmpdir(), "zako-watch-push-"));
      try {
        const file = join(folder, "override.json");
        writeFileSync(file, text, { mode: 0o600 });
        const { code, said } = run(["put", OVERRIDE_KEY, "--path", file], place);
        return code === 0 ? { ok: true, value: undefined } : { ok: false, said };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
