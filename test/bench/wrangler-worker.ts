import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unstable_startWorker } from "wrangler";
import { post } from "./bench-worker.ts";
import { WRANGLER_FILE } from "./bundle.ts";

/** The bench's Worker as `wrangler dev` runs it, for what only wrangler has: D1. Nothing that is timed may go through it. */
export interface WranglerWorker {
  ask<NotificationLogEntry>(path: string, asked: unknown): Promise<NotificationLogEntry>;
  stop(): Promise<void>;
}

/** Starts it with an empty database that has its tables. */
export async function startWranglerWorker(): Promise<WranglerWorker> {
  const state = mkdtempSync(join(tmpdir(), "zako-watch-bench-"));
  const started = await unstable_startWorker({
    config: WRANGLER_FILE,
    dev: {
      server: { hostname: "127.0.0.1", port: 0 },
      inspector: false,
      persist: state,
      logLevel: "error",
      watch: false,
    },
  });
  await started.ready;
  const url = String(await started.url).replace(/\/$/, "");
  await post(url, "/migrate", { sql: readFileSync("schemas/migrations/0001_history.sql", "utf8") });
  return {
    ask: <NotificationLogEntry>(path: string, asked: unknown): Promise<NotificationLogEntry> =>
      post(url, path, asked) as Promise<NotificationLogEntry>,
    async stop() {
      await started.dispose();
      rmSync(state, { recursive: true, force: true });
    },
  };
}
