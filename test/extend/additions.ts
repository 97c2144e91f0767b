import { cpSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Something that somebody adds: one source file and one test file below `additions/`, and one line of a registry. */
export interface Addition {
  readonly what: string;
  readonly source: string;
  readonly test: string;
  readonly registry: string;
  /** What the source file exports, and the list of the registry that takes it. */
  readonly name: string;
  readonly list: string;
}

/** What `npm run extend` adds to a copy. */
export const ADDITIONS: readonly Addition[] = [
  {
    what: "a probe kind with options, a metric family, a rule and a runbook",
    source: "functions/probe/kinds/demo-ping.ts",
    test: "test/probe/kinds/demo-ping.test.ts",
    registry: "functions/probe/kinds/registry.ts",
    name: "demoPing",
    list: "PROBE_KINDS",
  },
  {
    what: "a channel",
    source: "functions/notify/channels/demo.ts",
    test: "test/notify/channels/demo.test.ts",
    registry: "functions/notify/channels/registry.ts",
    name: "demo",
    list: "CHANNELS",
  },
  {
    what: "a rule kind",
    source: "functions/evaluate/rules/kinds/demo.ts",
    test: "test/evaluate/rules/kinds/demo.test.ts",
    registry: "functions/evaluate/rules/kinds/registry.ts",
    name: "demo",
    list: "KINDS",
  },
];

const FOLDER = join(import.meta.dirname, "additions");

/** The files below `additions/`, which are all that is added. */
export const additionFiles = (): string[] => globSync("**/*.ts", { cwd: FOLDER }).sort();

/** Adds all of it to a copy of the repository. */
export function addTo(copy: string): void {
  cpSync(FOLDER, copy, { recursive: true });
  for (const addition of ADDITIONS) register(copy, addition);
}

/** Puts an entry at the end of a registry's list, and its import in the order of paths. */
function register(copy: string, { source, registry, name, list }: Addition): void {
  const path = join(copy, registry);
  const text = readFileSync(path, "utf8");
  const line = `import { ${name} } from "./${source.slice(source.lastIndexOf("/") + 1)}";`;
  const lines = text.split("\n");
  const from = (one: string): string | undefined => /from "(\.\/.*)";$/.exec(one)?.[1];
  const next = lines.findIndex((one) => (from(one) ?? "") > (from(line) ?? ""));
  if (next === -1) throw new Error(`${registry} has no import after which ${line} could stand.`);
  const imported = lines.toSpliced(next, 0, line).join("\n");
  const at = new RegExp(`(const ${list}\\b[^=]*= \\[)([^\\]]*?)(,?)(\\s*)(\\])`);
  const added = imported.replace(at, (_, begin: string, entries: string, comma: string, space: string, end: string) =>
    space === "" ? `${begin}${entries}, ${name}${end}` : `${begin}${entries},\n  ${name}${comma}${space}${end}`,
  );
  if (added === imported) throw new Error(`${registry} has no list ${list}.`);
  writeFileSync(path, added);
}
