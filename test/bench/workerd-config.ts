import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parse } from "smol-toml";

/** workerd takes the first module for the main one. */
const MAIN = "main.js";

/** What the bench reads of its wrangler.toml. */
interface WranglerFile {
  compatibility_date: string;
  compatibility_flags: readonly string[];
  durable_objects: { bindings: readonly { name: string; class_name: string }[] };
}

/**
 * The configuration of a workerd that runs a bundle of the bench's Worker by itself, in workerd's own language. Its fetches
 * go straight to the network: under wrangler, each goes through a Worker of wrangler's own, which costs more than the fetch.
 * D1 is absent, because it is a part of wrangler.
 */
export function workerdConfig(
  { wranglerFile, bundle, storage }: { wranglerFile: string; bundle: string; storage: string },
  configFolder: string,
): string {
  const file = parse(readFileSync(wranglerFile, "utf8")) as unknown as WranglerFile;
  const objects = file.durable_objects.bindings;
  // What is embedded is named relative to the file that embeds it: an absolute path is looked for elsewhere.
  const from = relative(configFolder, bundle);
  const modules = [MAIN, ...readdirSync(bundle).filter((name) => name !== MAIN)].flatMap((name) => {
    if (name.endsWith(".js")) return [`(name = ${text(name)}, esModule = embed ${text(join(from, name))})`];
    return name.endsWith(".wasm") ? [`(name = ${text(name)}, wasm = embed ${text(join(from, name))})`] : [];
  });
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "bench", worker = .bench),
    (name = "internet", network = (allow = ["public", "private", "local"])),
    (name = "storage", disk = (path = ${text(storage)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
);
const bench :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = ${text(file.compatibility_date)},
  compatibilityFlags = [${file.compatibility_flags.map(text).join(", ")}],
  bindings = [${objects.map(({ name, class_name }) => `(name = ${text(name)}, durableObjectNamespace = ${text(class_name)})`).join(", ")}],
  durableObjectNamespaces = [${objects.map(({ class_name }) => `(className = ${text(class_name)}, uniqueKey = ${text(class_name)}, enableSql = true)`).join(", ")}],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}

const text = (value: string): string => JSON.stringify(value);
