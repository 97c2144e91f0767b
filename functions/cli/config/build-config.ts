import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { ProbeKind } from "../../probe/kind.ts";
import { type BridgeMap, throughBridges } from "../bridge/through-bridges.ts";
import { loadConfig } from "./load-config.ts";

/** What a build works with. */
export interface Build {
  kinds: readonly ProbeKind[];
  file: string;
  local: boolean;
  /** Wrangler's command that the build is for, where it is one. */
  builtFor: string | undefined;
  /** Path of the map, JSON, of the bridges that stand for native gRPC servers in a local run, where there are bridges. */
  bridges?: string | undefined;
  /** Where a local run tells why an origin cannot be reached. */
  lookUrl?: string | undefined;
  /** Where the compiled configuration goes. */
  output: string;
  complain: (line: string) => void;
}

/** Commands of Wrangler that put the Worker before the world. */
const DEPLOYS = ["deploy", "versions upload"];

/** Compiles a configuration into the Worker's source; one that is wrong leaves everything as it was. Answers with the exit code. */
export function buildConfig({ kinds, file, local, builtFor, bridges, lookUrl, output, complain }: Build): number {
  if (local && DEPLOYS.includes(builtFor ?? "")) {
    complain("WATCH_LOCAL=1 allows http and loopback targets, which must not be deployed; unset it");
    return 1;
  }
  const loaded = loadConfig(file, kinds, { local });
  if (!loaded.ok) {
    const count = loaded.errors.length;
    for (const line of loaded.errors) complain(line);
    complain(`${count} ${count === 1 ? "error" : "errors"} in the configuration; nothing was built`);
    return 1;
  }
  for (const line of loaded.warnings) complain(`warning: ${line}`);
  const config = local && bridges !== undefined ? throughBridges(loaded.config, readMap(bridges)) : loaded.config;
  if (config === undefined) {
    // Wrangler's own build runs at the same time as that of `npm start`, and may see an edited file first.
    complain("a grpc target has no bridge yet; the previous build stays until npm start has started one");
    return 0;
  }
  const built = local && lookUrl !== undefined ? { ...config, lookUrl } : config;
  const text = `${JSON.stringify(built, null, 2)}\n`;
  // Wrangler watches what it bundles: an unchanged file must stay untouched, a changed one must never be half there.
  if (existsSync(output) && readFileSync(output, "utf8") === text) return 0;
  const temporary = `${output}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, output);
  return 0;
}

const readMap = (file: string): BridgeMap => JSON.parse(readFileSync(file, "utf8")) as BridgeMap;
