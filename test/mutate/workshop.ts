import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Files } from "../check/source-files.ts";
import { copyProject } from "../e2e/project-copy.ts";
import { applied, type Mutant } from "./mutant.ts";
import { relatedTests } from "./related-tests.ts";
import { type Ran, runCommand } from "./run-command.ts";

/** What became of a mutant. `by`: the test that noticed it, or that it took too long. */
export type Fate = { outcome: "killed"; by: string } | { outcome: "survived" } | { outcome: "not compiled" };

const TYPES_TIMEOUT_MS = 180_000;
/** Nothing about a mutant is wrong in what it leaves unused. */
const TSC = ["tsc", "--noEmit", "-p", "tsconfig.json", "--noUnusedLocals", "false", "--noUnusedParameters", "false"];

/** A copy of the project in which mutants are tried. The checkout stays as it is. */
export class Workshop implements Disposable {
  readonly #scratch = mkdtempSync(join(tmpdir(), "zako-watch-mutate-"));
  readonly #copy: string;
  readonly #files: Files;
  readonly #timeoutMs: number;
  readonly #steps: number;

  /** `files`: all of `functions/`, and of `test/` what shall be asked. `timeoutMs`: how long the tests of one step may take. `steps`: how many are run. */
  constructor(files: Files, timeoutMs: number, steps: number) {
    this.#steps = steps;
    this.#files = files;
    this.#timeoutMs = timeoutMs;
    this.#copy = copyProject(this.#scratch);
    // Tools write caches beside the packages, and follow links out of the copy.
    const packages = join(this.#copy, "node_modules");
    rmSync(packages);
    linkTree(join(process.cwd(), "node_modules"), packages);
  }

  [Symbol.dispose](): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** What keeps mutants from being tried: without one all tests must pass. Undefined where nothing does. */
  async obstacle(path: string): Promise<string | undefined> {
    for (const step of [await this.#run(TYPES_TIMEOUT_MS, ...TSC), ...(await this.#test(path))])
      if (!step.ok)
        return step.timedOut ? "the tests take longer than --timeout" : `${failedTest(step.output)} fails already`;
    return undefined;
  }

  /** Types first, then tests, those closest to the file first. */
  async try(mutant: Mutant): Promise<Fate> {
    const file = join(this.#copy, mutant.path);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, applied(mutant, text));
    try {
      if (!(await this.#run(TYPES_TIMEOUT_MS, ...TSC)).ok) return { outcome: "not compiled" };
      const last = (await this.#test(mutant.path)).at(-1);
      if (last?.ok !== false) return { outcome: "survived" };
      return { outcome: "killed", by: last.timedOut ? "took too long" : failedTest(last.output) };
    } finally {
      writeFileSync(file, text);
    }
  }

  /** The steps that were run; only the last may have failed. */
  async #test(path: string): Promise<Ran[]> {
    const ran: Ran[] = [];
    for (const tests of relatedTests(path, this.#files).slice(0, this.#steps)) {
      const vitest = ["vitest", "run", "--config", "test/vitest.config.ts", "--bail", "1", ...tests];
      const step = await this.#run(this.#timeoutMs, ...vitest);
      ran.push(step);
      if (!step.ok) break;
    }
    return ran;
  }

  #run(timeoutMs: number, ...[tool = "", ...args]: readonly string[]): Promise<Ran> {
    return runCommand(this.#copy, timeoutMs, join(this.#copy, "node_modules", ".bin", tool), ...args);
  }
}

/** The first test that failed, or the first complaint. */
const failedTest = (output: string): string =>
  /FAIL +(?:\|\w+\| )?(.+)/.exec(output)?.[1] ?? /.*Error:? .+/.exec(output)?.[0] ?? "the run ended in an error";

/** A tree of hard links. */
function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, place] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === ".vite" || entry.name === ".cache") continue;
    if (entry.isDirectory()) linkTree(source, place);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), place);
    else linkSync(source, place);
  }
}
