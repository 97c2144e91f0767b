import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, TomlError } from "smol-toml";

const FILE = fileURLToPath(new URL("../../../wrangler.toml", import.meta.url).href);

/** What a deployment puts where, as wrangler.toml says. */
export interface Deployment {
  /** Name of the Worker. */
  worker: string;
  /** Name of the database bound as DB. Without an id, the first deployment makes it. */
  database: string;
  databaseId: string | undefined;
  /** Title of the KV namespace bound as KV; the first deployment makes it where there is no id. */
  namespace: string;
  namespaceId: string | undefined;
  crons: readonly string[];
  /** Patterns of routes and custom domains. */
  routes: readonly string[];
  /** What would go wrong later; each a sentence without its end. */
  warnings: readonly string[];
}

/** The deployment, or everything that wrangler.toml has wrong about it. */
export type ReadDeployment = { ok: true; deployment: Deployment } | { ok: false; errors: readonly string[] };

type Table = Readonly<Record<string, unknown>>;

/** The Worker's own bindings, and the section of each. */
const OWN = {
  MONITOR: "durable_objects.bindings",
  REGION_PROBER: "durable_objects.bindings",
  ALERTER: "durable_objects.bindings",
  DB: "d1_databases",
  KV: "kv_namespaces",
} as const;

/** Reads this project's wrangler.toml; `environment`: one of its named environments. */
export function readDeployment(environment: string | undefined, file = FILE): ReadDeployment {
  try {
    return deploymentIn(readFileSync(file, "utf8"), environment);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { ok: false, errors: [`${file} cannot be read (${code})`] };
  }
}

/** The deployment in the text of a wrangler.toml. Pure. */
function deploymentIn(text: string, environment: string | undefined): ReadDeployment {
  let document: Table;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { ok: false, errors: [`wrangler.toml:${error.line}:${error.column}: this is not valid TOML`] };
  }
  const known = Object.keys(tableOf(document["env"]));
  if (environment !== undefined && !known.includes(environment)) {
    const names = known.length === 0 ? "it has no environments" : `its environments: ${known.join(", ")}`;
    return { ok: false, errors: [`wrangler.toml has no [env.${environment}]; ${names}`] };
  }
  const scope = environment === undefined ? document : tableOf(tableOf(document["env"])[environment]);
  const errors = Object.entries(OWN).flatMap(([name, section]) =>
    bindingOf(scope, section, name) === undefined ? [missing(name, section, environment)] : [],
  );
  if (errors.length > 0) return { ok: false, errors };
  // Bindings are an environment's own; what is below, it inherits.
  const inherited = { ...document, ...scope };
  const worker = workerName(document, scope, environment);
  const database = bindingOf(scope, OWN.DB, "DB") ?? {};
  const namespace = bindingOf(scope, OWN.KV, "KV") ?? {};
  return {
    ok: true,
    deployment: {
      worker,
      // The names that wrangler gives where there is none.
      database: textOf(database["database_name"]) ?? `${worker}-db`,
      databaseId: textOf(database["database_id"]),
      namespace: `${worker}-kv`,
      namespaceId: textOf(namespace["id"]),
      crons: listOf(tableOf(inherited["triggers"])["crons"]).flatMap((cron) => textOf(cron) ?? []),
      routes: routesOf(inherited),
      warnings: warningsOf(inherited),
    },
  };
}

const workerName = (document: Table, scope: Table, environment: string | undefined): string => {
  const own = textOf(scope["name"]);
  const top = textOf(document["name"]) ?? "zako-watch";
  return own ?? (environment === undefined ? top : `${top}-${environment}`);
};

function missing(name: string, section: string, environment: string | undefined): string {
  if (environment === undefined) return `wrangler.toml lacks the binding ${name} under [[${section}]]`;
  const full = `env.${environment}.${section}`;
  return `[env.${environment}] of wrangler.toml lacks the binding ${name}: an environment inherits no bindings; repeat it under [[${full}]]`;
}

function warningsOf(scope: Table): string[] {
  const warnings: string[] = [];
  if (tableOf(scope["limits"])["cpu_ms"] !== undefined)
    warnings.push(
      "wrangler.toml sets limits.cpu_ms, which Cloudflare refuses on the free plan (code 100328); remove it there",
    );
  const required = listOf(tableOf(scope["secrets"])["required"]);
  if (required.length > 0)
    warnings.push(
      `wrangler.toml requires the secrets ${required.join(", ")}, which refuses a first deployment without them; remove secrets.required, or give them with --secrets-file`,
    );
  return warnings;
}

function routesOf(scope: Table): string[] {
  const all = [...listOf(scope["routes"]), ...(scope["route"] === undefined ? [] : [scope["route"]])];
  return all.flatMap((route) => textOf(route) ?? textOf(tableOf(route)["pattern"]) ?? []);
}

function bindingOf(scope: Table, section: string, name: string): Table | undefined {
  const [first = "", second] = section.split(".");
  const list = listOf(second === undefined ? scope[first] : tableOf(scope[first])[second]);
  return list.map(tableOf).find((entry) => (entry["binding"] ?? entry["name"]) === name);
}

const tableOf = (value: unknown): Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
