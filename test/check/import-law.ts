import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Imports that the law of the design forbids: the file's folder, and what it would import. */
const FORBIDDEN: [folder: string, imports: string][] = [
  ["lib", "../model/target.ts"],
  ["model", "../store/head.ts"],
  ["probe", "../store/head.ts"],
  ["store", "../probe/kind.ts"],
  ["evaluate", "../watch/tick.ts"],
  ["config", "../watch/tick.ts"],
  ["store", "../config/document.ts"],
  ["expose", "../watch/tick.ts"],
  ["watch", "../expose/app.ts"],
  ["watch", "../worker.ts"],
  ["cli", "../worker.ts"],
];

const FORMS = [
  (from: string) => `import * as x from "${from}";\nconsole.log(x);\n`,
  (from: string) => `import type * as x from "${from}";\nexport type Y = typeof x;\n`,
  (from: string) => `export * from "${from}";\n`,
  (from: string) => `console.log(await import("${from}"));\n`,
];

/** Writes each forbidden import in each form into a folder of its own and says which ones the linter lets pass. */
export function lawBreaks(): string[] {
  const complaints: string[] = [];
  const made: string[] = [];
  const expected = new Map<string, string>();
  try {
    for (const [folder, from] of FORBIDDEN)
      FORMS.forEach((form, i) => {
        const dir = join("functions", folder, "law-check");
        mkdirSync(dir, { recursive: true });
        made.push(dir);
        const path = join(dir, `${from.replaceAll(/\W/g, "-")}-${i}.ts`);
        writeFileSync(path, form(`../${from}`));
        expected.set(path, from);
      });
    const args = ["lint", "--only=style/noRestrictedImports", "--reporter=json", "--max-diagnostics=none", "functions"];
    const done = spawnSync(join("node_modules", ".bin", "biome"), args, { encoding: "utf8" });
    for (const [path, from] of expected)
      if (!done.stdout.includes(path)) complaints.push(`the linter lets ${path.split("/")[1]}/ import ${from}`);
  } finally {
    for (const dir of made) rmSync(dir, { recursive: true, force: true });
  }
  return complaints;
}
