import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import type { Config } from "../../model/config.ts";
import { type Command, UsageError } from "../command.ts";
import { loadConfig } from "../config/load-config.ts";
import { weakTokens } from "../config/weak-tokens.ts";
import { wranglerBindings } from "../config/wrangler-bindings.ts";
import { onlyOne, readOptions } from "../read-options.ts";
import { rehearseDeploy, runDeploy } from "./deploy-steps.ts";
import { exampleTargets } from "./example-targets.ts";
import { readDeployment } from "./read-deployment.ts";
import { wranglerRun } from "./wrangler-run.ts";

const MIGRATIONS = fileURLToPath(new URL("../../../schemas/migrations", import.meta.url).href);

const OPTIONS = {
  env: { type: "string" },
  "secrets-file": { type: "string" },
  "dry-run": { type: "boolean" },
} as const;

/** Puts the Worker on the account: config check, upload, migrations, secrets, URLs. */
export const deploy: Command = {
  name: "deploy",
  usage: "[FILE] [--env NAME] [--secrets-file FILE] [--dry-run]",
  summary: "Deploys; with --dry-run, says step by step what it would do, without an account or network.",
  async run(args, context) {
    const { values, positionals } = readOptions(args, OPTIONS);
    const { print, complain, env, kinds } = context;
    const file = onlyOne(positionals, "file") ?? (env["WATCH_CONFIG"] || "watch.yaml");
    const isDryRun = values["dry-run"] === true;
    const environment = (values.env ?? env["CLOUDFLARE_ENV"]) || undefined;
    if (env["WATCH_LOCAL"] === "1")
      throw new UsageError("WATCH_LOCAL=1 allows http and loopback targets, which must not be deployed; unset it");

    print(`1. Check ${file} and wrangler.toml${environment === undefined ? "" : `, environment ${environment}`}`);
    const found = readDeployment(environment);
    const bound = wranglerBindings(environment);
    const options = { local: false, ...(bound.ok ? { bindings: bound.bindings } : {}) };
    const loaded = loadConfig(file, kinds, options);
    const secrets = readSecrets(values["secrets-file"]);
    const errors = [
      ...(found.ok ? [] : found.errors),
      ...(loaded.ok ? [] : loaded.errors),
      ...(loaded.ok ? weakTokens(loaded.config, secrets).map((words) => `${values["secrets-file"]}: ${words}`) : []),
    ];
    const examples = loaded.ok ? exampleTargets(loaded.config) : [];
    if (!isDryRun) errors.push(...examples.map((words) => `${file}: ${words}`));
    for (const line of errors) complain(line);
    if (!found.ok || !loaded.ok || !bound.ok || errors.length > 0) {
      complain(`${errors.length} ${errors.length === 1 ? "error" : "errors"}; nothing was deployed`);
      return 1;
    }
    const warnings = [...found.deployment.warnings, ...loaded.warnings, ...(isDryRun ? examples : [])];
    for (const line of warnings) complain(`   warning: ${line}`);
    print(`   ${summary(loaded.config)}`);
    const plan = {
      deployment: found.deployment,
      environment,
      config: loaded.config,
      bindings: bound.bindings,
      migrations: readdirSync(MIGRATIONS)
        .filter((name) => name.endsWith(".sql"))
        .sort(),
      secretsFile: values["secrets-file"],
      givenSecrets: Object.keys(secrets),
      wrangler: wranglerRun(environment, file, { ...env }),
      print,
      complain,
    };
    if (!isDryRun) return runDeploy(plan);
    const folder = mkdtempSync(join(tmpdir(), "zako-watch-dry-run-"));
    try {
      return await rehearseDeploy(plan, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function summary({ targets, shards, vantages, hash }: Config): string {
  const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
  return `${plural(targets.length, "target")} in ${plural(shards, "shard")}, from ${vantages.join(", ")}; hash ${hash}`;
}

/** The secrets in a file of lines `NAME=value`, or of one JSON object. */
function readSecrets(file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  if (!existsSync(file)) throw new UsageError(`--secrets-file ${JSON.stringify(file)}: file not found`);
  const text = readFileSync(file, "utf8");
  const given = text.trimStart().startsWith("{") ? (JSON.parse(text) as Record<string, string>) : parseEnv(text);
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
