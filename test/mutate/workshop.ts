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
  readonly #clear = (): void => rmSync(this.#scratch, { recursive: true, force: true });
  readonly #copy: string;
  readonly #files: Files;
  readonly #timeoutMs: number;
  readonly #steps: number;
  readonly #passing = new Set<string>();
  /** Test files that fail without any mutant, as far as they have been met. */
  readonly failing = new Set<string>();

  /**
   * `files`: all of `functions/` and `test/`. `timeoutMs`: how long the tests of one step may take. `steps`: how many steps
   * of tests are run.
   */
  constructor(files: Files, timeoutMs: number, steps: number) {
    this.#steps = steps;
    this.#files = files;
    this.#timeoutMs = timeoutMs;
    process.once("exit", this.#clear);
    this.#copy = copyProject(this.#scratch);
    // Tools write caches beside the packages, and follow links out of the copy.
    const packages = join(this.#copy, "node_modules");
    rmSync(packages);
    linkTree(join(process.cwd(), "node_modules"), packages);
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#clear);
    this.#clear();
  }

  /** Whether the code compiles as it is. Otherwise no mutant would. */
  async compiles(): Promise<boolean> {
    return (await this.#run(TYPES_TIMEOUT_MS, ...TSC)).ok;
  }

  /** Types first, then tests, those closest to the file first. */
  async try(mutant: Mutant): Promise<Fate> {
    const file = join(this.#copy, mutant.path);
    const text = readFileSync(file, "utf8");
    const mutated = applied(mutant, text);
    try {
      writeFileSync(file, mutated);
      if (!(await this.compiles())) return { outcome: "not compiled" };
      const steps = relatedTests(mutant.path, this.#files).slice(0, this.#steps);
      for (let step = steps.shift(); step !== undefined; ) {
        const tests = step.filter((test) => !this.failing.has(test));
        writeFileSync(file, mutated);
        const ran = await this.#test(tests);
        if (ran.timedOut) return { outcome: "killed", by: "took too long" };
        if (ran.ok) {
          step = steps.shift();
          continue;
        }
        writeFileSync(file, text);
        const by = failedTest(ran.output);
        const test = tests.find((path) => by.startsWith(path));
        if (test === undefined || (await this.#passes(test))) return { outcome: "killed", by };
        // It says nothing about the mutant: the same step again, without it.
        this.failing.add(test);
      }
      return { outcome: "survived" };
    } finally {
      writeFileSync(file, text);
    }
  }

  /** Whether a test file passes without any mutant. */
  async #passes(test: string): Promise<boolean> {
    if (!this.#passing.has(test) && (await this.#test([test])).ok) this.#passing.add(test);
    return this.#passing.has(test);
  }

  #test(tests: readonly string[]): Promise<Ran> {
    if (tests.length === 0) return Promise.resolve({ ok: true, timedOut: false, output: "" });
    return this.#run(this.#timeoutMs, "vitest", "run", "--config", "test/vitest.config.ts", "--bail", "1", ...tests);
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
