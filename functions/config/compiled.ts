import compiled from "#compiled-config" with { type: "json" };
import type { Config } from "../model/config.ts";

/** The configuration that this Worker was built with: `functions/cli/compile.ts` wrote it, from `watch.yaml`. */
export const COMPILED_CONFIG = compiled as unknown as Config;
