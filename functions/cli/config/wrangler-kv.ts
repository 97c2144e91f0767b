import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OVERRIDE_KEY } from "../../store/override-kv.ts";
import { type Done, type Place, runWrangler, type Said } from "../run-wrangler.ts";

export type { Place } from "../run-wrangler.ts";

/** The key of KV that holds the override, as Wrangler reaches it. */
export interface OverrideStore {
  /** The text that is there; undefined where there is none. */
  get(): Done<string | undefined>;
  put(text: string): Done<undefined>;
}

/** How Wrangler 4 says that a key does not exist: locally on its output, remotely as an error of the API. */
const NO_SUCH_KEY = /^Value not found\s*$|\b404\b.*not found/im;

const run = (args: readonly string[], place: Place): Said =>
  runWrangler(["kv", "key", ...args, "--binding", "KV"], place);

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
