import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyProject } from "../e2e/project-copy.ts";
import { ADDITIONS, addTo } from "./additions.ts";
import { GATES } from "./gates.ts";

// Proves that an extension is one source file, one registry line and one test file: nothing else is edited in the copy,
// and all checks and all tests pass in it.
const scratch = mkdtempSync(join(tmpdir(), "zako-watch-extend-"));
const since = Date.now();
const seconds = (): string => `${Math.round((Date.now() - since) / 1_000)} s`;
try {
  const copy = copyProject(scratch);
  addTo(copy);
  for (const { what, source, registry, test } of ADDITIONS)
    console.log(`added ${what}: ${source}, a line in ${registry}, ${test}`);
  for (const [command, ...args] of GATES.whole) {
    console.log(`== ${[command, ...args].join(" ")}`);
    const { status } = spawnSync(command, args, { cwd: copy, stdio: "inherit" });
    if (status === 0) continue;
    console.log(`extend: ${[command, ...args].join(" ")} failed in the copy, after ${seconds()}`);
    process.exitCode = 1;
    break;
  }
  if (process.exitCode !== 1) console.log(`extend: everything passes in the copy, after ${seconds()}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
