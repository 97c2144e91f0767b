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

/**
 * What became of a mutant. `by`: the test that noticed it, the simulator, or that it took too long; `test`: its file.
 * `unclear`: the same run fails without the mutant, too.
 */
export type Fate =
  | { outcome: "killed"; by: string; test?: string }
  | { outcome: "survived" }
  | { outcome: "unclear"; by: string }
  | { outcome: "not compiled" };

/** A quarter of a day each of what most code has a part in: outages, regions, deaths of objects, receivers, people, deployments. */
const SCENARIOS = [
  "refused",
  "corrupt",
  "three-regions",
  "deaths",
  "receiver-down",
  "receiver-mute",
  "silences",
  "escalations",
  "deployments",
  "resharding",
];
const SIMULATION = ["node", "test/simulate/main.ts", ...SCENARIOS, "--days", "0.25", "--prober", "zako-watch"];
const TYPES_TIMEOUT_MS = 180_000;
/** Nothing about a mutant is wrong in what it leaves unused. */
const TSC = ["tsc", "--noEmit", "-p", "tsconfig.json", "--noUnusedLocals", "false", "--noUnusedParameters", "false"];

const VITEST = ["vitest", "run", "--config", "test/mutate/vitest.config.ts", "--bail", "1"];
const NOT_COMPILED: Fate = { outcome: "not compiled" };
const SURVIVED: Fate = { outcome: "survived" };

/** A copy of the project in which mutants are tried. The checkout stays as it is. */
export class Workshop implements Disposable {
  readonly #scratch = mkdtempSync(join(tmpdir(), "zako-watch-mutate-"));
  readonly #clear = (): void => rmSync(this.#scratch, { recursive: true, force: true });
  readonly #copy: string;
  readonly #files: Files;
  readonly #timeoutMs: number;
  readonly #passing = new Map<string, boolean>();
  /** Test files that fail without any mutant, as far as they have been met. Nothing is asked of them. */
  readonly failing = new Set<string>();

  /** `files`: all of `functions/` and `test/`. `timeoutMs`: how long the tests of one step may take. */
  constructor(files: Files, timeoutMs: number) {
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

  /** Types first, then the closest tests. What a test kills is to be seen in the light of `check`. */
  async try(mutant: Mutant): Promise<Fate> {
    return this.#with(mutant, async () =>
      (await this.compiles()) ? this.#ask(mutant, relatedTests(mutant.path, this.#files).close) : NOT_COMPILED,
    );
  }

  /** The simulator and all other tests that use the file, for a mutant that survived the closest. */
  tryWide(mutant: Mutant): Promise<Fate> {
    const { isSimulated, wide } = relatedTests(mutant.path, this.#files);
    return this.#with(mutant, async () => {
      const fate = isSimulated
        ? await this.#judge(mutant, SIMULATION, await this.#run(this.#timeoutMs, ...SIMULATION))
        : SURVIVED;
      return fate.outcome === "survived" ? this.#ask(mutant, wide) : fate;
    });
  }

  /** Runs test files without any mutant, and answers those that fail. */
  async check(tests: readonly string[]): Promise<Set<string>> {
    let asked = [...tests];
    for (;;) {
      const ran = await this.#test(asked);
      const failed = ran.ok ? undefined : asked.find((test) => failedTest(ran.output).startsWith(test));
      if (failed === undefined) break;
      this.failing.add(failed);
      asked = asked.filter((test) => test !== failed);
    }
    return this.failing;
  }

  async #with(mutant: Mutant, task: () => Promise<Fate>): Promise<Fate> {
    const file = join(this.#copy, mutant.path);
    const text = readFileSync(file, "utf8");
    try {
      writeFileSync(file, applied(mutant, text));
      return await task();
    } finally {
      writeFileSync(file, text);
    }
  }

  async #ask(mutant: Mutant, asked: readonly string[]): Promise<Fate> {
    const tests = asked.filter((test) => !this.failing.has(test));
    if (tests.length === 0) return SURVIVED;
    const ran = await this.#test(tests);
    const by = failedTest(ran.output);
    const test = ran.ok || ran.timedOut ? undefined : tests.find((path) => by.startsWith(path));
    return test === undefined ? this.#judge(mutant, [...VITEST, ...tests], ran) : { outcome: "killed", by, test };
  }

  /** A run that fails as a whole kills only where it passes without the mutant. */
  async #judge({ path }: Mutant, command: readonly string[], ran: Ran): Promise<Fate> {
    if (ran.ok) return SURVIVED;
    const by = ran.timedOut ? "took too long" : (/BROKEN .+/.exec(ran.output)?.[0] ?? failedTest(ran.output));
    const key = command.join(" ");
    if (!this.#passing.has(key)) {
      writeFileSync(join(this.#copy, path), this.#files.get(path) as string);
      this.#passing.set(key, (await this.#run(this.#timeoutMs, ...command)).ok);
    }
    return { outcome: this.#passing.get(key) ? "killed" : "unclear", by };
  }

  #test(tests: readonly string[]): Promise<Ran> {
    process.env["MUTATE_TESTS"] = tests.join(" ");
    return this.#run(this.#timeoutMs, ...VITEST, ...tests);
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
    if (entry.name === ".vite" || entry.name === ".vitest-cache" || entry.name === ".cache") continue;
    if (entry.isDirectory()) linkTree(source, place);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), place);
    else linkSync(source, place);
  }
}
