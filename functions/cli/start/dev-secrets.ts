import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../model/config.ts";

/** Secrets of the Worker's own doors: made up for a local run, where nobody else knows the address. */
const OWN = ["METRICS_TOKEN"];

/**
 * Writes the secrets of a local run into files of its own: the Worker's are made up, the targets' come from the
 * environment. What `.dev.vars` says goes before both. Answers with the files, each overriding those before it, and the
 * names of secrets that the config wants and nobody has given.
 */
export function devSecrets(scratch: string, config: Pick<Config, "targets">, env: NodeJS.ProcessEnv): DevSecrets {
  const auths = config.targets.flatMap((t) => [t.auth, ...t.probes.map(({ outside }) => outside?.auth)]);
  const wanted = new Set(auths.flatMap((auth) => (auth === undefined ? [] : [auth.secret])));
  const made = OWN.map((name) => `${name}=${env[name] ?? randomBytes(24).toString("hex")}`);
  const given = [...wanted].filter((name) => env[name] !== undefined);
  const file = join(scratch, "secrets.env");
  const lines = [...made, ...given.map((name) => `${name}=${JSON.stringify(env[name])}`)];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  const kept = existsSync(KEPT) ? readFileSync(KEPT, "utf8") : "";
  const missing = [...wanted].filter((name) => !given.includes(name) && !new RegExp(`^${name}\\s*=`, "m").test(kept));
  return { files: kept === "" ? [file] : [file, KEPT], missing };
}

const KEPT = ".dev.vars";

/** What `devSecrets` wrote. */
export interface DevSecrets {
  files: string[];
  missing: string[];
}
