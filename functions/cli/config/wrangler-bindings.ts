import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, TomlError } from "smol-toml";
import { type Bindings, FETCHER_SECTIONS, type FetcherSection } from "../../config/targets/check-bindings.ts";

const FILE = fileURLToPath(new URL("../../../wrangler.toml", import.meta.url).href);

/** The bindings that wrangler.toml gives to a deployment, or why nobody can know. */
export type ReadBindings = { ok: true; bindings: Bindings } | { ok: false; why: string };

const SECTIONS = Object.keys(FETCHER_SECTIONS) as FetcherSection[];

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads the bindings of this project's wrangler.toml. `environment`: a named environment, which inherits none of the top
 * level's; the variable CLOUDFLARE_ENV names it, as for wrangler.
 */
export function wranglerBindings(environment = process.env["CLOUDFLARE_ENV"] || undefined, file = FILE): ReadBindings {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return { ok: false, why: `${file} cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  return bindingsIn(text, environment);
}

/**
 * The bindings in the text of a wrangler.toml.
 *
 * @internal For tests of other files than this project's.
 */
export function bindingsIn(text: string, environment: string | undefined): ReadBindings {
  let document: Readonly<Record<string, unknown>>;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { ok: false, why: `wrangler.toml:${error.line}:${error.column}: this is not valid TOML` };
  }
  const scope = environment === undefined ? document : environmentOf(document, environment);
  if (scope === undefined) return { ok: false, why: `wrangler.toml has no [env.${environment}]` };
  const fetchers = new Map<string, FetcherSection>();
  const others = new Map<string, string>();
  for (const [section, value] of Object.entries(scope)) {
    const known = SECTIONS.find((one) => one === section);
    for (const name of namesIn(value)) {
      if (known === undefined) others.set(name, section);
      else fetchers.set(name, known);
    }
  }
  return { ok: true, bindings: { fetchers, others, environment } };
}

function environmentOf(document: Readonly<Record<string, unknown>>, name: string) {
  const all = document["env"];
  const found = isTable(all) && Object.hasOwn(all, name) ? all[name] : undefined;
  return isTable(found) ? found : undefined;
}

/** Names of the bindings in a section: a list of tables, or a table that has such a list. */
function namesIn(section: unknown): string[] {
  if (Array.isArray(section))
    return section.flatMap((entry: unknown) => {
      const name = isTable(entry) ? (entry["binding"] ?? entry["name"]) : undefined;
      return typeof name === "string" ? [name] : [];
    });
  return isTable(section) ? namesIn(section["bindings"]) : [];
}
