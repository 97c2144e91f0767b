import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import type { Verdict } from "./verdict.ts";

interface Found {
  name: string;
  line?: number;
}

type Issues = { file: string } & Readonly<Record<Kind, readonly Found[]>>;

const KINDS = { files: "file", exports: "export", types: "exported type", duplicates: "second export" } as const;
type Kind = keyof typeof KINDS;

/**
 * Exports of `functions/` that nothing else there imports: nobody does, or only tests do. Use in the file itself is no
 * reason to export. Knip finds them; `knip.json` names the entries.
 */
export function judgeExports(folder = ".", config = "test/check/knip.json"): Verdict {
  const knip = resolve("node_modules/knip/bin/knip.js");
  const args = ["--production", "--no-progress", "--no-config-hints", "--reporter", "json", "-c", config];
  const done = spawnSync(process.execPath, [knip, ...args, "--include", Object.keys(KINDS).join()], {
    cwd: folder,
    encoding: "utf8",
  });
  // 0 nothing found, 1 something, 2 it did not run.
  if (done.status !== 0 && done.status !== 1)
    return { faults: [`knip failed: ${done.stdout}${done.stderr}`], notes: [] };
  const { issues } = JSON.parse(done.stdout) as { issues: readonly Issues[] };
  const faults = issues.flatMap((issue) =>
    (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
      issue[kind].map(({ name, line }) =>
        kind === "files"
          ? `${issue.file}: nothing in functions/ imports this file`
          : `${issue.file}:${line}: nothing else in functions/ imports the ${KINDS[kind]} ${name}`,
      ),
    ),
  );
  return { faults: faults.sort(), notes: [] };
}
