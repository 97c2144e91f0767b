import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { DASHBOARDS } from "./dashboards.ts";

/** A file or folder of the repository that is printed from code. */
export interface Generated {
  path: string;
  /** Writes it afresh below `into`, at the same relative path; answers with what went wrong, or undefined. */
  write: (into: string) => string | undefined;
  /** Compares by itself where `into` is another folder. */
  inPlace?: true;
}

const ENV = "functions/env.d.ts";

const bin = (name: string): string => join(process.cwd(), "node_modules", ".bin", name);

function run(command: string, args: string[], cwd = process.cwd()): string | undefined {
  const path = `${join(process.cwd(), "node_modules", ".bin")}:${process.env["PATH"]}`;
  const env = { ...process.env, PATH: path, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" };
  const done = spawnSync(command, args, { cwd, encoding: "utf8", env });
  return done.status === 0 ? undefined : `${done.stdout}${done.stderr}`.trim() || `${command} failed: ${done.error}`;
}

const printed = (path: string, args: string[]): Generated => ({
  path,
  write: (into) => {
    const done = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (done.status !== 0) return done.stderr;
    writeFileSync(join(into, path), done.stdout);
    return undefined;
  },
});

/** Everything generated, in the order it is made. */
export const GENERATED: readonly Generated[] = [
  {
    path: "proto/gen",
    write: (into) => run(bin("buf"), ["generate", "-o", into === "." ? "." : join(into, "proto")], "proto"),
  },
  {
    path: ENV,
    // Wrangler prints the path of the Worker relative to the file, so this one is compared in its place.
    write: (into) =>
      run(bin("wrangler"), ["types", "--include-runtime=false", ENV, ...(into === "." ? [] : ["--check"])]),
    inPlace: true,
  },
  printed("proto/openapi.json", ["test/check/print-openapi.ts"]),
  printed("schemas/config.schema.json", ["functions/cli/main.ts", "config", "schema"]),
  printed("schemas/examples/all-options.yaml", ["functions/cli/main.ts", "config", "example"]),
  { path: DASHBOARDS, write: (into) => run(process.execPath, ["test/check/dashboards.ts", into]) },
  { path: "docs", write: (into) => run(process.execPath, ["test/check/docs.ts", into]) },
];

/** Says which generated files differ from what the code prints now; empty means all fresh. */
export function stale(): string[] {
  const scratch = mkdtempSync(join(tmpdir(), "zako-watch-gen-"));
  const wrong: string[] = [];
  try {
    for (const folder of ["proto", "functions", "schemas"])
      cpSync(folder, join(scratch, folder), { recursive: true, filter: (p) => !p.includes("node_modules") });
    for (const path of ["README.md", "docs"]) cpSync(path, join(scratch, path), { recursive: true });
    for (const { path, write, inPlace } of GENERATED) {
      rmSync(join(scratch, path), { recursive: true, force: true });
      const error = write(scratch);
      if (inPlace) wrong.push(...(error === undefined ? [] : [`${path} is not what the code prints: run npm run gen`]));
      else if (error !== undefined) wrong.push(`${path} cannot be made: ${error}`);
      else wrong.push(...differences(path, join(scratch, path)));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return wrong;
}

function differences(path: string, fresh: string): string[] {
  const files = (root: string): Map<string, string> => {
    if (statSync(root, { throwIfNoEntry: false }) === undefined) return new Map();
    if (!statSync(root).isDirectory()) return new Map([["", readFileSync(root, "utf8")]]);
    const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
    return new Map(
      found.map((e) => {
        const at = join(e.parentPath, e.name);
        return [relative(root, at), readFileSync(at, "utf8")];
      }),
    );
  };
  const want = files(fresh);
  const have = files(path);
  return [...new Set([...want.keys(), ...have.keys()])]
    .filter((name) => want.get(name) !== have.get(name))
    .map((name) => `${join(path, name)} is not what the code prints: run npm run gen and commit it`);
}
