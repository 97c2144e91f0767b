import { secretNames } from "../../config/secret-names.ts";
import type { Bindings } from "../../config/targets/check-bindings.ts";
import type { Config } from "../../model/config.ts";
import { pushTargets } from "../../probe/kinds/push.ts";

/** A secret that a configuration uses, and what does not work without it. */
export interface WantedSecret {
  name: string;
  without: string;
}

/** The secrets that a deployment of this configuration uses, the Worker's own first. Pure. */
export function wantedSecrets(config: Config, bindings: Bindings): WantedSecret[] {
  const own: WantedSecret[] = [
    ...(config.metrics.public
      ? []
      : [{ name: "METRICS_TOKEN", without: "nobody can read /metrics, and Prometheus gets 401" }]),
    { name: "ADMIN_TOKEN", without: "nobody can silence, acknowledge or use the API" },
  ];
  const senders = pushTargets(config.targets).map(({ name, secret }) => ({
    name: secret,
    without: `pushes for ${name} are refused`,
  }));
  const heartbeats = (config.notify?.heartbeats ?? []).map(({ name, secret }) => ({
    name: secret,
    without: `the heartbeat ${name} is not sent`,
  }));
  const others = secretNames(config)
    // A binding of wrangler.toml, such as that of e-mail, is no secret.
    .filter((name) => !bindings.others.has(name) && !bindings.fetchers.has(name))
    .map((name) => ({ name, without: withoutOf(config, name) }));
  const all = new Map<string, WantedSecret>();
  for (const one of [...own, ...senders, ...heartbeats, ...others]) if (!all.has(one.name)) all.set(one.name, one);
  return [...all.values()];
}

function withoutOf(config: Config, name: string): string {
  const uses = (part: unknown): boolean => JSON.stringify(part).includes(JSON.stringify(name));
  const targets = config.targets.filter(uses).map((target) => target.name);
  if (targets.length > 0) return `probes of ${few(targets)} fail with secret_missing`;
  const receivers = (config.notify?.receivers ?? []).filter(uses).map((receiver) => receiver.name);
  return `messages to ${few(receivers)} cannot be delivered`;
}

const few = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
