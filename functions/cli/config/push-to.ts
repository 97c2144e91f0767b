import {
  changedPins,
  judgeOverride,
  newSecretRoute,
  type Override,
  PIN_NAMES,
  parseOverride,
  printOverride,
} from "../../config/override.ts";
import type { Config } from "../../model/config.ts";
import type { Command } from "../command.ts";
import { loadConfig } from "./load-config.ts";
import { PUSH_USAGE, pushArguments } from "./push-arguments.ts";
import { wranglerBindings } from "./wrangler-bindings.ts";
import type { OverrideStore, Place } from "./wrangler-kv.ts";

/** Why a configuration cannot override the deployed one, as sentences for the person who pushes it. */
function objections(file: string, config: Config, base: string, deployed: Config): string[] {
  const said = changedPins(config, deployed).map(
    (key) =>
      `${file}: \`${PIN_NAMES[key] ?? key}\` differs from ${base}, and only a deployment can change it; revert it, or deploy`,
  );
  const leak = newSecretRoute(config, deployed);
  if (leak !== undefined)
    said.push(
      `${file}: target ${leak} sends its secret, or the token of its CAS, where no target of ${base} does; only a deployment can do this, since it would let anybody who can write to KV read secrets`,
    );
  if (said.length === 0 && config.hash === deployed.hash)
    said.push(
      `${file}: compiles to the same configuration as ${base}, so there is nothing to override (--clear removes an override)`,
    );
  return said;
}

/** `config push`, with the store that it writes to. */
export const pushTo = (storeOf: (place: Place) => OverrideStore, now: () => number): Command => ({
  name: "config push",
  usage: PUSH_USAGE,
  summary: "Overrides the deployed configuration without a deployment; --clear removes the override.",
  run(args, context) {
    const { file, base, local, place } = pushArguments(args, context);
    const { kinds, complain, print } = context;
    const deployed = loadConfig(base, kinds, { local });
    const loaded = file === undefined ? undefined : loadConfig(file, kinds, { local, isOverride: true });
    const errors = [deployed, loaded].flatMap((one) => (one === undefined || one.ok ? [] : one.errors));
    if (loaded?.ok && deployed.ok && file !== undefined)
      errors.push(...objections(file, loaded.config, base, deployed.config));
    for (const line of errors) complain(line);
    if (!deployed.ok || errors.length > 0) return 1;
    if (loaded?.ok) for (const line of loaded.warnings) complain(`warning: ${line}`);

    const store = storeOf(place);
    const before = store.get();
    if (!before.ok) {
      complain(`${before.said}\nCannot read the override in KV; ${hint(place)}`);
      return 1;
    }
    const former = before.value === undefined ? undefined : parseOverride(before.value);
    const override: Override = {
      version: 1,
      base: deployed.config.hash,
      // The clock of whoever pushed last may be ahead of ours.
      at: Math.max(now(), (former?.at ?? 0) + 1),
      ...(loaded?.ok ? { document: loaded.document, hash: loaded.config.hash } : { document: null }),
    };
    const text = printOverride(override);
    const judged = judgeOverride(text, deployed.config, kinds, isBound);
    if (!judged.ok) {
      complain(`${file ?? "--clear"}: the Worker would reject this override: it ${judged.why}`);
      return 1;
    }
    const put = store.put(text);
    if (!put.ok) {
      complain(`${put.said}\nCannot write to KV; nothing was pushed. ${hint(place)}`);
      return 1;
    }
    print(
      `${loaded?.ok ? `pushed ${loaded.config.hash} over` : "removed the override of"} ${deployed.config.hash} (${base}); within two minutes \`zako_watch_config_info\` shows the hash in force`,
    );
    return 0;
  },
});

/** As far as wrangler.toml says what was deployed. */
function isBound(name: string): boolean {
  const found = wranglerBindings();
  return found.ok && found.bindings.fetchers.has(name);
}

const hint = (place: Place): string =>
  place.remote
    ? "wrangler.toml must name your namespace (`npx wrangler kv namespace create KV`), and wrangler must be logged in"
    : `${place.state} must be the state of a local run`;
