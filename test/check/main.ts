import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeCommands } from "./documented-commands.ts";
import { readDocuments } from "./documents.ts";
import { judgeEntries } from "./entries.ts";
import { stale } from "./generated.ts";
import { judgeImports } from "./import-law.ts";
import { judgeLinks, judgeReadmeLength } from "./links.ts";
import { judgeLock } from "./lock-integrity.ts";
import { judgeLengths } from "./long-functions.ts";
import { pathsBelow, readFiles } from "./source-files.ts";
import { timerBreaks } from "./timer-law.ts";
import { judgeExports } from "./unused-exports.ts";
import type { Verdict } from "./verdict.ts";
import { judgeWords } from "./words.ts";

/**
 * Checks that the tree does not pass yet: they say how much is left and fail nothing. Take a name off when its check is
 * green, so that it stays so. `npm run check -- --all` prints all that they find.
 */
const PENDING = new Set<string>([]);

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

const source = readFiles(["functions"], /(?<!\.d)\.tsx?$/);
const documents = readDocuments();
/** The checks themselves name what is not to be written. */
const CHECKED_FOR_WORDS = /^(?!test\/(node\/)?check\/).*((?<!\.d)\.tsx?|\.proto|\.sql)$/;
const OURS = ["functions", "test", "proto/watch", "proto/zako/diagnostics", "schemas/migrations"];
const scripts = Object.keys((JSON.parse(readFileSync("package.json", "utf8")) as { scripts: object }).scripts);

const CHECKS: [what: string, check: () => string[] | Verdict][] = [
  ["config compiles", () => run("node", "functions/cli/compile.ts")],
  ["generated files are fresh", stale],
  ["types: Worker", () => run("tsc", "-p", "tsconfig.json")],
  ["types: command line", () => run("tsc", "-p", "functions/cli/tsconfig.json")],
  ["types: tests in workerd", () => run("tsc", "-p", "test/tsconfig.json")],
  ["types: the benches' Worker", () => run("tsc", "-p", "test/bench/worker/tsconfig.json")],
  ["types: the simulator", () => run("tsc", "-p", "test/simulate/tsconfig.json")],
  ["types: the simulator's Worker", () => run("tsc", "-p", "test/simulate/workerd/worker/tsconfig.json")],
  ["types: tests in Node", () => run("tsc", "-p", "test/node/tsconfig.json")],
  ["format and lint", () => run("biome", "ci", "--colors=off", ".")],
  ["bare timers are refused", timerBreaks],
  ["import law", () => judgeImports(source)],
  ["entries per folder", () => judgeEntries(pathsBelow("functions"))],
  ["lengths", () => judgeLengths(source)],
  ["unused exports", () => judgeExports()],
  ["words", () => judgeWords(new Map([...readFiles(OURS, CHECKED_FOR_WORDS), ...documents]))],
  ["integrity of locked packages", () => judgeLock(readFileSync("package-lock.json", "utf8"))],
  ["links of the documents", () => judgeLinks(documents, existsSync)],
  ["README length", () => judgeReadmeLength(documents.get("README.md") ?? "")],
  ["commands of the documents", () => judgeCommands(documents, scripts)],
  ["protobuf lint", () => run("buf", "lint", "proto")],
  ["deploys (dry run)", dryRun],
];

const showAll = process.argv.includes("--all");
const failures: string[] = [];
for (const [what, check] of CHECKS) {
  const found = check();
  const { faults, notes } = Array.isArray(found) ? { faults: found, notes: [] } : found;
  const isPending = PENDING.has(what) && faults.length > 0;
  console.log(`${faults.length === 0 ? "ok    " : isPending ? "LATER " : "FAILED"} ${what}`);
  if (isPending) console.log(`       ${faults.length} findings left`);
  else if (PENDING.has(what)) console.log("       passes by now: take it off PENDING in test/check/main.ts");
  for (const text of isPending && !showAll ? notes : [...notes, ...faults]) console.log(text.replace(/^/gm, "       "));
  if (faults.length > 0 && !isPending) failures.push([what, ...faults].join("\n"));
}
const isKnown = (name: string): boolean => CHECKS.some(([what]) => what === name);
failures.push(...[...PENDING].filter((name) => !isKnown(name)).map((name) => `no check is called ${name}`));
const failed = failures.length;
console.log(`check: ${CHECKS.length - failed} passed, ${failed} failed`);
const counts = process.env["COUNTS_FILE"];
if (counts !== undefined) writeFileSync(counts, JSON.stringify({ passed: CHECKS.length - failed, failed, failures }));
process.exitCode = failed === 0 ? 0 : 1;
