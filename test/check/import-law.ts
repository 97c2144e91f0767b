import { posix } from "node:path";
import type { Files } from "./source-files.ts";
import { parse, walk } from "./syntax.ts";
import type { Verdict } from "./verdict.ts";

/** What each layer of `functions/` may import: other layers (a folder, or a file beside them), or `proto`, or `test`. */
export type Law = Readonly<Record<string, readonly string[]>>;

const VERBS = ["probe", "store", "evaluate", "notify"];
/** None of them knows another; the Worker joins them. */
const ROLES = ["monitor", "alerter", "expose"];
const BELOW_ROLES = ["lib", "model", ...VERBS, "config", "proto"];

/** The import law of the design: this table is all of it. */
export const LAW: Law = {
  lib: [],
  model: ["lib"],
  probe: ["lib", "model", "proto"],
  store: ["lib", "model"],
  evaluate: ["lib", "model"],
  notify: ["lib", "model"],
  config: ["lib", "model", ...VERBS],
  monitor: BELOW_ROLES,
  alerter: BELOW_ROLES,
  expose: BELOW_ROLES,
  "worker.ts": [...BELOW_ROLES, ...ROLES],
  // An entry of its own, beside the Worker; `npm start` runs the reference Zako and the receiver of the tests.
  cli: [...BELOW_ROLES, ...ROLES, "test"],
};

/** Finds every import that the law forbids, and every layer that it does not know. */
export function judgeImports(files: Files, law: Law = LAW): Verdict {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [path, text] of files) {
    const layer = layerOf(path);
    if (layer === undefined || path.endsWith(".d.ts")) continue;
    seen.add(layer);
    const may = law[layer];
    if (may === undefined) {
      faults.push(`${path}: ${layer} is in no row of the import law (test/check/import-law.ts)`);
      continue;
    }
    for (const { specifier, line } of importsOf(path, text)) {
      if (!specifier.startsWith(".")) continue;
      const target = posix.join(posix.dirname(path), specifier);
      const to = layerOf(target) ?? target.split("/")[0] ?? "";
      if (to !== layer && !may.includes(to))
        faults.push(
          `${path}:${line}: imports ${target}; ${layer} may import only: ${may.join(", ") || "nothing of ours"}`,
        );
    }
  }
  for (const layer of Object.keys(law).filter((name) => !seen.has(name)))
    faults.push(`the import law has a row for ${layer}, which functions/ does not have`);
  return { faults, notes: [] };
}

function layerOf(path: string): string | undefined {
  const [root, layer] = path.split("/");
  return root === "functions" ? layer : undefined;
}

/** All that a file imports, in whichever form: also types, re-exports and imports at run time. */
function importsOf(path: string, text: string): { specifier: string; line: number }[] {
  const { program, lineAt } = parse(path, text);
  const found: { specifier: string; line: number }[] = [];
  walk(program, (node) => {
    const source = "source" in node ? node.source : node.type === "TSExternalModuleReference" ? node.expression : null;
    if (source === null || typeof source !== "object" || !("type" in source)) return;
    const line = lineAt(node.start);
    if (source.type === "Literal" && typeof source.value === "string") found.push({ specifier: source.value, line });
    // A path that is put together at run time could lead anywhere.
    else if (source.type === "TemplateLiteral") found.push({ specifier: source.quasis[0]?.value.cooked ?? "", line });
  });
  return found;
}
