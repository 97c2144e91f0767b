import { parseArgs } from "node:util";
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
import { type Command, type CommandContext, UsageError } from "../command.ts";
import { onlyLocalState } from "../local-state.ts";
import { loadConfig } from "./load-config.ts";
import { type OverrideStore, type Place, wranglerKv } from "./wrangler-kv.ts";

interface PushArguments {
  /** The file to push; undefined removes the override. */
  file: string | undefined;
  base: string;
  local: boolean;
  place: Place;
}

const OPTIONS = {
  local: { type: "boolean" },
  remote: { type: "boolean" },
  clear: { type: "boolean" },
  base: { type: "string" },
  "persist-to": { type: "string" },
} as const;

function pushArguments(args: readonly string[], { env }: CommandContext): PushArguments {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split(". ")[0] : String(error));
  }
  const { values, positionals } = parsed;
  if (values.local && values.remote) throw new UsageError("--local and --remote exclude each other");
  if (values["persist-to"] !== undefined && !values.local) throw new UsageError("--persist-to needs --local");
  if (positionals.length > 1) throw new UsageError(`${positionals.length} files given; give one`);
  if (values.clear && positionals.length > 0) throw new UsageError("--clear takes no file");
  if (!values.clear && positionals.length === 0) throw new UsageError("no file given; give one, or --clear");
  const local = values.local === true;
  return {
    file: positionals[0],
    base: values.base ?? (env["WATCH_CONFIG"] || "watch.yaml"),
    local,
    place: local ? { remote: false, state: values["persist-to"] ?? onlyLocalState() } : { remote: true },
  };
}

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
  usage: "FILE|--clear [--base FILE] [--remote|--local [--persist-to DIR]]",
  summary: "Overrides the deployed configuration without a deployment; --clear removes the override.",
  run(args, context) {
    const { file, base, local, place } = pushArguments(args, context);
    const { kinds, complain, print } = context;
    const deployed = loadConfig(base, kinds, { local });
    const loaded = file === undefined ? undefined : loadConfig(file, kinds, { local });
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
    const judged = judgeOverride(text, deployed.config, kinds);
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

const hint = (place: Place): string =>
  place.remote
    ? "wrangler.toml must name your namespace (`npx wrangler kv namespace create KV`), and wrangler must be logged in"
    : `${place.state} must be the state of a local run`;

/** Overrides the deployed configuration through KV. */
export const configPush = pushTo(wranglerKv, () => Date.now());
