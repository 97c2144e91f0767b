import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { secretNames } from "../../config/secret-names.ts";
import type { Config } from "../../model/config.ts";

/** The secret that opens the API and the forms. */
const ADMIN = "ADMIN_TOKEN";

/** Secrets of the Worker's own doors: made up for a local run, where nobody else knows the address. */
const OWN = ["METRICS_TOKEN", ADMIN];

/**
 * Writes the secrets of a local run into files of its own: the Worker's are made up, the targets' come from the
 * environment. What `.dev.vars` says goes before both. Answers with the files, each overriding those before it, the
 * names of secrets that the config wants and nobody has given, and the admin token that is in force.
 */
export function devSecrets(
  scratch: string,
  config: Pick<Config, "targets" | "notify">,
  env: NodeJS.ProcessEnv,
): DevSecrets {
  const wanted = secretNames(config);
  const made = new Map(OWN.map((name) => [name, env[name] || randomBytes(24).toString("hex")]));
  const given = wanted.filter((name) => env[name] !== undefined);
  const file = join(scratch, "secrets.env");
  const lines = [
    ...[...made].map(([name, value]) => `${name}=${value}`),
    ...given.map((name) => `${name}=${JSON.stringify(env[name])}`),
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  const kept = existsSync(KEPT) ? readFileSync(KEPT, "utf8") : "";
  const missing = wanted.filter((name) => !given.includes(name) && !new RegExp(`^${name}\\s*=`, "m").test(kept));
  const adminToken = parseEnv(kept)[ADMIN] ?? (made.get(ADMIN) as string);
  return { files: kept === "" ? [file] : [file, KEPT], missing, adminToken };
}

const KEPT = ".dev.vars";

/** What `devSecrets` wrote. */
export interface DevSecrets {
  files: string[];
  missing: string[];
  adminToken: string;
}
