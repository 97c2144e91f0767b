import { fileURLToPath } from "node:url";
import { PROBE_KINDS } from "../probe/kinds/registry.ts";
import { buildConfig } from "./config/build-config.ts";

process.exitCode = buildConfig({
  kinds: PROBE_KINDS,
  file: process.env["WATCH_CONFIG"] || "watch.yaml",
  local: process.argv.includes("--local") || process.env["WATCH_LOCAL"] === "1",
  builtFor: process.env["WRANGLER_COMMAND"],
  bridges: process.env["WATCH_BRIDGES"] || undefined,
  lookUrl: process.env["WATCH_LOOK"] || undefined,
  output: process.env["WATCH_COMPILED"] || fileURLToPath(new URL("../config/compiled.json", import.meta.url).href),
  complain: (line) => console.error(line),
});
