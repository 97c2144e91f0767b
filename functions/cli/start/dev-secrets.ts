import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { secretNames } from "../../config/secret-names.ts";
import type { Config } from "../../model/config.ts";
import { pushTargets } from "../../probe/kinds/push.ts";
import { DEV_VARS, readDevVars, weakTokens } from "../config/weak-tokens.ts";

/** The secret that opens the API and the forms. */
const ADMIN = "ADMIN_TOKEN";

/**
 * Secrets of the Worker's own doors: made up for a local run, where nobody else knows the address. The last one is the
 * default of `probes.push.secret`, which may come into the configuration later.
 */
const OWN = ["METRICS_TOKEN", ADMIN, "ZAKO_PUSH_TOKEN"];

/**
 * Writes the secrets of a local run into files of its own: the Worker's and those of who pushes are made up, the targets'
 * come from the environment. What `.dev.vars` says goes before both. Answers with the files, each overriding those before
 * it, the names of secrets that the config wants and nobody has given, and the tokens that are in force.
 */
export function devSecrets(
  scratch: string,
  config: Pick<Config, "targets" | "notify">,
  env: NodeJS.ProcessEnv,
): DevSecrets {
  const wanted = secretNames(config);
  const pushers = pushTargets(config.targets);
  const made = new Map(
    [...OWN, ...pushers.map(({ secret }) => secret)].map((name) => [
      name,
      env[name] || randomBytes(24).toString("hex"),
    ]),
  );
  const given = wanted.filter((name) => env[name] !== undefined && !made.has(name));
  const file = join(scratch, "secrets.env");
  const lines = [
    ...[...made].map(([name, value]) => `${name}=${value}`),
    ...given.map((name) => `${name}=${JSON.stringify(env[name])}`),
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  const kept = existsSync(DEV_VARS) ? readFileSync(DEV_VARS, "utf8") : "";
  const isKept = (name: string): boolean => new RegExp(`^${name}\\s*=`, "m").test(kept);
  const missing = wanted.filter((name) => !given.includes(name) && !made.has(name) && !isKept(name));
  const adminToken = parseEnv(kept)[ADMIN] ?? (made.get(ADMIN) as string);
  const senders = pushers.flatMap(({ name, secret }) => {
    const token = made.get(secret);
    return token === undefined || isKept(secret) ? [] : [{ target: name, token }];
  });
  const weak = weakTokens(config, { ...Object.fromEntries(made), ...readDevVars() });
  return { weak, files: kept === "" ? [file] : [file, DEV_VARS], missing, adminToken, senders };
}

/** What `devSecrets` wrote. */
export interface DevSecrets {
  files: string[];
  missing: string[];
  /** What is wrong with tokens that were given, each as a sentence without its end. */
  weak: string[];
  adminToken: string;
  /** Targets that may be pushed for, and the token that was made up for who does. */
  senders: { target: string; token: string }[];
}
