import {
  changedPins,
  judgeOverride,
  newSecretRoute,
  type Override,
  PIN_NAMES,
  parseOverride,
  printOverride,
} from "../../config/override.ts";
import { cleanLine } from "../../lib/clean-text.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import { MINUTE_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { Command } from "../command.ts";
import { loadConfig } from "./load-config.ts";
import { PUSH_USAGE, pushArguments } from "./push-arguments.ts";
import type { Push, PushLog } from "./push-log.ts";
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

/** Where a push goes. */
export interface PushPlace {
  store: OverrideStore;
  log: PushLog;
}

/** A push that KV does not show is under way for so long; after that it has failed. */
const UNDER_WAY_MS = MINUTE_MS;

/** `config push`, with the place that it writes to. */
export const pushTo = (placeOf: (place: Place) => PushPlace, now: () => number): Command => ({
  name: "config push",
  usage: PUSH_USAGE,
  summary: "Overrides the deployed configuration without a deployment; --clear removes the override.",
  run(args, context) {
    const { file, base, local, place, author } = pushArguments(args, context);
    const { kinds, complain, print } = context;
    const deployed = loadConfig(base, kinds, { local });
    const loaded = file === undefined ? undefined : loadConfig(file, kinds, { local, isOverride: true });
    const errors = [deployed, loaded].flatMap((one) => (one === undefined || one.ok ? [] : one.errors));
    if (loaded?.ok && deployed.ok && file !== undefined)
      errors.push(...objections(file, loaded.config, base, deployed.config));
    for (const line of errors) complain(line);
    if (!deployed.ok || errors.length > 0) return 1;
    if (loaded?.ok) for (const line of loaded.warnings) complain(`warning: ${line}`);

    const source = {
      name: file ?? "--clear",
      base,
      deployed: deployed.config,
      loaded: loaded?.ok ? loaded : undefined,
    };
    const done = write(source, placeOf(place), author, now, kinds);
    if (done.warning !== undefined) complain(`${done.warning}\nwarning: ${withoutLog(place)}`);
    if (done.ok) {
      print(done.words);
      return 0;
    }
    complain(done.isPlace ? `${done.words} ${hint(place)}` : done.words);
    return 1;
  },
});

/** As far as wrangler.toml says what was deployed. */
function isBound(name: string): boolean {
  const found = wranglerBindings();
  return found.ok && found.bindings.fetchers.has(name);
}

/** What is pushed, and over what. */
interface Source {
  /** In error messages. */
  name: string;
  base: string;
  deployed: Config;
  /** Absent: the override is removed. */
  loaded: { config: Config; document: unknown } | undefined;
}

/** What became of a push, in words. `isPlace`: the place may be wrong. `warning`: what D1 said where it could not be asked. */
type Pushed = { warning?: string; words: string } & ({ ok: true } | { ok: false; isPlace: boolean });

function write(
  { name, base, deployed, loaded }: Source,
  { store, log }: PushPlace,
  author: string,
  now: () => number,
  kinds: readonly ProbeKind[],
): Pushed {
  const refuse = (words: string, isPlace = false): Pushed => ({ ok: false, words, isPlace });
  const last = log.last();
  const before = store.get();
  if (!before.ok) return refuse(`${before.said}\nCannot read the override in KV;`, true);
  const former = before.value === undefined ? undefined : parseOverride(before.value);
  const newest = last.ok ? last.value : undefined;
  if (newest !== undefined && newest.at > (former?.at ?? 0) && now() - newest.at < UNDER_WAY_MS)
    return refuse(
      `${formatOther(newest, now())}, and KV does not show it yet. Nothing was pushed; try again in a minute.`,
    );
  const override: Override = {
    version: 1,
    base: deployed.hash,
    // The clock of whoever pushed last may be ahead of ours.
    at: Math.max(now(), (former?.at ?? 0) + 1, (newest?.at ?? 0) + 1),
    ...(loaded === undefined ? { document: null } : { document: loaded.document, hash: loaded.config.hash }),
  };
  const text = printOverride(override);
  const judged = judgeOverride(text, deployed, kinds, isBound);
  if (!judged.ok) return refuse(`${name}: the Worker would reject this override: it ${judged.why}`);
  const claimed = last.ok ? log.claim({ at: override.at, author: cleanLine(author) }, newest) : last;
  if (claimed.ok && claimed.value !== undefined)
    return refuse(
      `${formatOther(claimed.value, now())}. Nothing was pushed; look at what is in force, then push again.`,
    );
  const warning = claimed.ok ? {} : { warning: claimed.said };
  const put = store.put(text);
  if (!put.ok) return { ...warning, ...refuse(`${put.said}\nCannot write to KV; nothing was pushed.`, true) };
  const what = loaded === undefined ? "removed the override of" : `pushed ${loaded.config.hash} over`;
  const replaced = newest === undefined ? "" : `; it replaces what ${formatPush(newest, now())}`;
  const soon = "within two minutes `zako_watch_config_info` shows the hash in force";
  return { ...warning, ok: true, words: `${what} ${deployed.hash} (${base}); ${soon}${replaced}` };
}

const formatPush = ({ at, author }: Push, now: number): string => {
  const ago = now - at < 1_000 ? "just now" : `${spellDuration(now - at)} ago`;
  return `${cleanLine(author)} pushed at ${spellTime(at)} (${ago})`;
};

const formatOther = (push: Push, now: number): string => `Somebody else was faster: ${formatPush(push, now)}`;

const withoutLog = (place: Place): string =>
  `cannot ask D1 whether somebody else pushes now, so one of two pushes at once may be lost; \`npx wrangler d1 migrations apply DB ${place.remote ? "--remote" : "--local"}\` brings the table`;

const hint = (place: Place): string =>
  place.remote
    ? "the Worker must have been deployed (`npm run deploy` makes its namespace), and wrangler must be logged in; CLOUDFLARE_ENV names an environment"
    : `${place.state} must be the state of a local run`;
