import type { Config } from "../model/config.ts";
import { accessesOf, bindingsOf, casAccess, routeKey, transportAccess } from "../model/origin-access.ts";
import type { ProbeKind } from "../probe/kind.ts";
import { compileConfig } from "./compile.ts";
import { canonical } from "./hash.ts";

/**
 * A configuration that takes the place of the deployed one without a deployment, as KV holds it in JSON. It is the
 * document and not what it compiles to: whoever takes it over compiles it with every check of a build.
 */
export interface Override {
  version: 1;
  /** Hash of the deployed configuration that it was made for; no other one is overridden. */
  base: string;
  /** When it was pushed, epoch ms, and its generation: the higher one wins, whatever order they are read in. */
  at: number;
  /** What `watch.yaml` would hold, as plain data; null takes an earlier override back. */
  document: unknown;
  /** Hash of what the document compiles to; absent beside null. */
  hash?: string;
}

/** Why an override is not taken over. */
export const overrideRefusals = [
  "unreachable",
  "oversize",
  "garbage",
  "base",
  "invalid",
  "hash",
  "pinned",
  "secret",
  "binding",
] as const;
export type OverrideRefusal = (typeof overrideRefusals)[number];

/** What a text in KV comes to. `config` is absent where the deployed one shall be in force. `why` never quotes the text. */
export type JudgedOverride =
  | { ok: true; at: number; config?: Config }
  | { ok: false; reason: OverrideRefusal; why: string };

/** Longest text that is looked at, in characters: several thousand targets. */
export const LONGEST_OVERRIDE = 4 * 2 ** 20;

/**
 * What only a deployment can change: who may read, how long history is kept, how the work is split, whose canaries are
 * whose, who is told and when not, what the status page announces, where links in notifications lead, which families there are (the exposition and the probers know
 * those of the deployment alone). All else (`targets`, `defaults`, `vantages`, `lanes`, `rules`) can be overridden.
 */
export const PINNED_KEYS = [
  "local",
  "installation",
  "externalUrl",
  "shards",
  "imports",
  "metrics",
  "retention",
  "notify",
  "maintenance",
  "statusPage",
] as const satisfies readonly (keyof Config)[];

/** Pinned keys that a user writes another way. */
export const PIN_NAMES: Readonly<Record<string, string>> = {
  externalUrl: "external_url",
  imports: "families",
  statusPage: "status_page",
  local: "--local",
};

const refuse = (reason: OverrideRefusal, why: string): JudgedOverride => ({ ok: false, reason, why });

/** The override as KV shall hold it. */
export const printOverride = (override: Override): string => JSON.stringify(override);

/** Reads a text as far as its frame goes; undefined for one that is no override of a version that is known. */
export function parseOverride(text: string): Override | undefined {
  let found: Partial<Record<keyof Override, unknown>>;
  try {
    found = JSON.parse(text) as typeof found;
  } catch {
    return undefined;
  }
  if (typeof found !== "object" || found === null || !Object.hasOwn(found, "document")) return undefined;
  const { version, base, at, hash, document } = found;
  if (version !== 1 || typeof base !== "string" || typeof at !== "number") return undefined;
  // Dates end there, and one more must still be a whole number.
  if (!Number.isSafeInteger(at) || at <= 0 || at > 8.64e15) return undefined;
  if (document === null) return { version, base, at, document };
  return typeof hash === "string" ? { version, base, at, document, hash } : undefined;
}

/**
 * Says whether a text may take the place of the deployed configuration. Never throws, whatever the text is. Pure, given
 * `isBound`: whether the deployment has a fetcher binding of a name.
 * Nothing that only a deployment can change differs, and no secret or token goes where the deployed one sends none: who
 * can write to KV must not be able to have secrets sent to themselves.
 */
export function judgeOverride(
  text: string,
  deployed: Config,
  kinds: readonly ProbeKind[],
  isBound: (binding: string) => boolean,
): JudgedOverride {
  if (text.length > LONGEST_OVERRIDE) return refuse("oversize", `is longer than ${LONGEST_OVERRIDE} characters`);
  const override = parseOverride(text);
  if (override === undefined) return refuse("garbage", "was not written by `config push`");
  const { base, at, document, hash } = override;
  if (base !== deployed.hash) return refuse("base", "was made for another deployment; push it again");
  if (document === null) return { ok: true, at };
  const compiled = compileConfig(document, kinds, { local: deployed.local, isOverride: true });
  if (!compiled.ok)
    return refuse(
      "invalid",
      `has ${compiled.issues.length} ${compiled.issues.length === 1 ? "error" : "errors"}; \`config check\` lists them`,
    );
  const { config } = compiled;
  if (config.hash !== hash)
    return refuse(
      "hash",
      "compiles to a different configuration here than where it was pushed; deploy and push from the same version",
    );
  const changed = changedPins(config, deployed);
  if (changed.length > 0)
    return refuse(
      "pinned",
      `changes ${changed.map((key) => PIN_NAMES[key] ?? key).join(", ")}, which only a deployment can change`,
    );
  const leak = newSecretRoute(config, deployed);
  if (leak !== undefined)
    return refuse("secret", `sends a secret of ${leak} where the deployed configuration sends none`);
  const unbound = missingBindings(config, isBound);
  if (unbound.length > 0)
    return refuse(
      "binding",
      `reaches targets through ${unbound.join(", ")}, which this deployment has no binding for; add it to wrangler.toml and deploy`,
    );
  return config.hash === deployed.hash ? { ok: true, at } : { ok: true, at, config };
}

/** The pinned keys in which two configurations differ. */
export function changedPins(config: Config, deployed: Config): (typeof PINNED_KEYS)[number][] {
  return PINNED_KEYS.filter((key) => canonical(config[key] ?? null) !== canonical(deployed[key] ?? null));
}

/** The first target that sends a secret, or a token that a CAS hands out, where the deployed configuration does not. */
export function newSecretRoute(config: Config, deployed: Config): string | undefined {
  const known = new Set(deployed.targets.flatMap(secretRoutes));
  return config.targets.find((target) => secretRoutes(target).some((route) => !known.has(route)))?.name;
}

/** Names of bindings that targets are reached through and that there are not, each once. */
const missingBindings = ({ targets }: Config, isBound: (binding: string) => boolean): string[] => [
  ...new Set(targets.flatMap(bindingsOf).filter((name) => !isBound(name))),
];

/** What travels where. A token that goes back to where it was handed out is no secret there. */
function secretRoutes(target: Config["targets"][number]): string[] {
  const cas = routeKey(casAccess(target));
  const transport = routeKey(transportAccess(target));
  const routes = accessesOf(target).flatMap((access) =>
    access.headers.map(({ secret }) => `secret ${secret} to ${routeKey(access)}`),
  );
  return target.transportAuth !== undefined && cas !== transport
    ? [...routes, `token of ${cas} to ${transport}`]
    : routes;
}
