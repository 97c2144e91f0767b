import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LAW } from "./import-law.ts";

/** Ways to a timer that nobody disposes of. */
const REFUSED = [
  "export const x = AbortSignal.timeout(5);",
  "export const x = globalThis.AbortSignal.timeout(5);",
  'export const x = AbortSignal["timeout"](5);',
  "export const x = setTimeout(() => {}, 5);",
  "export const x = globalThis.setTimeout;",
  "export const later = setInterval;",
  "export const x = scheduler.wait(5);",
  'import { setTimeout as sleep } from "node:timers/promises";\nexport const x = sleep(5);',
];

const ALLOWED = [
  "export const isOver = (signal: AbortSignal): boolean => signal.aborted;",
  "export const either = (a: AbortSignal, b: AbortSignal): AbortSignal => AbortSignal.any([a, b]);",
  "export const plan = (of: { timeout: number }): number => of.timeout;",
];

/** Folders of the Worker, where the law holds, and the ones where it does not. */
const FREE = ["cli"];
const BOUND = Object.keys(LAW).filter((layer) => !layer.endsWith(".ts") && !FREE.includes(layer));

/** Writes each sample into folders of its own and says where the linter lets a timer pass, or refuses what is none. */
export function timerBreaks(): string[] {
  const made: string[] = [];
  const complaints: string[] = [];
  const samples: { path: string; code: string; refused: boolean }[] = [];
  try {
    for (const folder of [...BOUND, ...FREE]) {
      const dir = join("functions", folder, "timer-check");
      mkdirSync(dir, { recursive: true });
      made.push(dir);
      for (const [i, code] of [...REFUSED, ...ALLOWED].entries()) {
        const path = join(dir, `sample-${i}.ts`);
        writeFileSync(path, `${code}\n`);
        samples.push({ path, code, refused: i < REFUSED.length && BOUND.includes(folder) });
      }
    }
    const args = ["lint", "--reporter=json", "--max-diagnostics=none", ...made];
    const { stdout } = spawnSync(join("node_modules", ".bin", "biome"), args, { encoding: "utf8" });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: unknown } }[] };
    const found = diagnostics.filter(({ category }) => category === "plugin");
    const refused = new Set(found.map(({ location }) => pathOf(location.path)));
    for (const { path, code, refused: shall } of samples)
      if (refused.has(path) !== shall)
        complaints.push(`the linter ${shall ? "lets pass" : "refuses"} in ${path.split("/")[1]}/: ${code}`);
  } finally {
    for (const dir of made) rmSync(dir, { recursive: true, force: true });
  }
  return complaints;
}

const pathOf = (path: unknown): string => (typeof path === "string" ? path : (path as { file: string }).file);
