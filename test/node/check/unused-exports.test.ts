import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { judgeExports } from "../../check/unused-exports.ts";

const FILES = {
  "package.json": `{ "name": "sample", "type": "module" }`,
  "knip.json": `{ "entry": ["functions/worker.ts!"], "project": ["functions/**/*.ts!"] }`,
  "functions/worker.ts": `import { used, type Shape } from "./a.ts";\nexport default (shape: Shape) => used(shape);\n`,
  "functions/a.ts": `export const used = (shape: Shape) => [shape, OWN, tested()];
export interface Shape { x: Inner }
export interface Inner { y: 1 }
export const OWN = 1;
export function tested() {}
`,
  "functions/lonely.ts": "export const x = 1;\n",
  "test/a.test.ts": `import { tested } from "../functions/a.ts";\nimport "../functions/lonely.ts";\ntested();\n`,
};

it("finds what only its own file, only tests or nobody uses, types too", () => {
  const folder = mkdtempSync(join(tmpdir(), "zako-watch-knip-"));
  try {
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    expect(judgeExports(folder, "knip.json").faults).toEqual([
      "functions/a.ts:3: nothing else in functions/ imports the exported type Inner",
      "functions/a.ts:4: nothing else in functions/ imports the export OWN",
      "functions/a.ts:5: nothing else in functions/ imports the export tested",
      "functions/lonely.ts: nothing in functions/ imports this file",
    ]);
    rmSync(join(folder, "knip.json"));
    expect(judgeExports(folder, "knip.json").faults).toEqual([expect.stringContaining("knip failed")]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
