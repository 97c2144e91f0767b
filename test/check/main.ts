import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stale } from "./generated.ts";
import { lawBreaks } from "./import-law.ts";
import { timerBreaks } from "./timer-law.ts";

const bin = join(process.cwd(), "node_modules", ".bin");
const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" };

/** Runs a command; what it said is the complaint where it failed. */
function run(command: string, ...args: string[]): string[] {
  const done = spawnSync(join(bin, command), args, { encoding: "utf8", env });
  return done.status === 0 ? [] : [`${done.stdout}${done.stderr}`.trim() || String(done.error)];
}

function dryRun(): string[] {
  const out = mkdtempSync(join(tmpdir(), "zako-watch-dist-"));
  try {
    return run("wrangler", "deploy", "--dry-run", "--outdir", out);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const CHECKS: [what: string, check: () => string[]][] = [
  ["config compiles", () => run("node", "functions/cli/compile.ts")],
  ["generated files are fresh", stale],
  ["types: Worker", () => run("tsc", "-p", "tsconfig.json")],
  ["types: command line", () => run("tsc", "-p", "functions/cli/tsconfig.json")],
  ["types: tests in workerd", () => run("tsc", "-p", "test/tsconfig.json")],
  ["types: the benches' Worker", () => run("tsc", "-p", "test/bench/worker/tsconfig.json")],
  ["types: tests in Node", () => run("tsc", "-p", "test/node/tsconfig.json")],
  ["format and lint", () => run("biome", "ci", "--colors=off", ".")],
  ["import law is enforced", lawBreaks],
  ["bare timers are refused", timerBreaks],
  ["protobuf lint", () => run("buf", "lint", "proto")],
  ["deploys (dry run)", dryRun],
];

const failures: string[] = [];
for (const [what, check] of CHECKS) {
  const complaints = check();
  console.log(`${complaints.length === 0 ? "ok    " : "FAILED"} ${what}`);
  for (const text of complaints) console.log(text.replace(/^/gm, "       "));
  if (complaints.length > 0) failures.push([what, ...complaints].join("\n"));
}
const failed = failures.length;
console.log(`check: ${CHECKS.length - failed} passed, ${failed} failed`);
const counts = process.env["COUNTS_FILE"];
if (counts !== undefined) writeFileSync(counts, JSON.stringify({ passed: CHECKS.length - failed, failed, failures }));
process.exitCode = failed === 0 ? 0 : 1;
