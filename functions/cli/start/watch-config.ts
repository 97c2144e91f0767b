import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Bridges } from "./bridges.ts";
import { runOnce } from "./wrangler.ts";

/** Compiles the configuration that the environment names. */
export const COMPILE = [process.execPath, "functions/cli/compile.ts"];

/** Compiles the config again whenever its file changes; a broken one is told and the running one kept. */
export function watchConfig(config: string, bridges: Bridges, env: NodeJS.ProcessEnv, signal: AbortSignal): void {
  let pending: NodeJS.Timeout | undefined;
  // The folder is watched, not the file: editors replace files, and a watch on the old one would go deaf.
  const watcher = watch(dirname(config), { signal }, (_event, name) => {
    if (name !== basename(config)) return;
    clearTimeout(pending);
    pending = setTimeout(() => {
      bridges
        .prepare(config)
        .then(() => runOnce(COMPILE, env, signal, "The file has errors; the previous configuration stays in force."))
        .catch((error: unknown) => {
          if (!signal.aborted) console.error(error);
        });
    }, 100);
  });
  watcher.on("error", () => {});
}
