import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { NEW_TOKEN, type OwnToken, tokenProblems } from "../../config/token-problems.ts";
import type { Config } from "../../model/config.ts";
import { pushTargets } from "../../probe/kinds/push.ts";

/** Where Wrangler reads the secrets of a local run from. */
export const DEV_VARS = ".dev.vars";

/** The secrets of a file such as `.dev.vars`, by name; none where there is no file. */
export const readDevVars = (file = DEV_VARS): Record<string, string | undefined> =>
  existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};

/** What is wrong with the tokens that open something of the Worker's, a sentence without its end each. */
export function weakTokens(
  { targets }: Pick<Config, "targets">,
  values: Readonly<Record<string, string | undefined>>,
): string[] {
  const pushes = new Set(pushTargets(targets).map(({ secret }) => secret));
  const token = (binding: string, opens: OwnToken["opens"]): OwnToken => ({
    binding,
    value: values[binding] ?? "",
    opens,
  });
  const problems = tokenProblems([
    token("METRICS_TOKEN", "metrics"),
    token("PROBE_TOKEN", "probe"),
    token("ADMIN_TOKEN", "admin"),
    ...[...pushes].map((binding) => token(binding, "push")),
  ]);
  return [...problems].map(([binding, problem]) => `${binding} ${problem}; ${NEW_TOKEN}`);
}
