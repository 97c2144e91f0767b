import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const WRANGLER_FILE = "test/bench/worker/wrangler.toml";

let made: string | undefined;

/** The folder with the bench's Worker as wrangler bundles it, made once and removed at the end of the process. */
export function bundleFolder(): string {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), "zako-watch-bench-bundle-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const wrangler = "node_modules/wrangler/bin/wrangler.js";
  const args = [wrangler, "deploy", "--dry-run", "--config", WRANGLER_FILE, "--outdir", folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`wrangler cannot bundle the bench's Worker:\n${stdout}${stderr}`);
  made = folder;
  return folder;
}
