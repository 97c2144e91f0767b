import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
import { type TestAnswer, TestServer, TOOK_TOO_LONG } from "./test-server.ts";

/**
 * What became of a mutant. `by`: the test that noticed it, the simulator, or that it took too long; `test`: its file.
 * `unclear`: the same run fails without the mutant, too.
 */
export type Fate =
  | { outcome: "killed"; by: string; test?: string }
  | { outcome: "survived" }
  | { outcome: "unclear"; by: string };

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
const TSC = [
  "tsc",
  "--noEmit",
  "--pretty",
  "false",
  "-p",
  "tsconfig.json",
  "--noUnusedLocals",
  "false",
  "--noUnusedParameters",
  "false",
];

const SURVIVED: Fate = { outcome: "survived" };

/** A copy of the project in which mutants are tried. The checkout stays as it is. */
export class Workshop implements Disposable {
  readonly #scratch = mkdtempSync(join(tmpdir(), "zako-watch-mutate-"));
  readonly #clear = (): void => {
    this.#server[Symbol.dispose]();
    rmSync(this.#scratch, { recursive: true, force: true });
  };
  readonly #copy: string;
  readonly #files: Files;
  readonly #timeoutMs: number;
  readonly #server: TestServer;
  /** Files that may differ from what the server has read. */
  readonly #changed = new Set<string>();
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
    this.#server = new TestServer(this.#copy);
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#clear);
    this.#clear();
  }

  /** Whether the code compiles as it is. Otherwise no mutant would. */
  async compiles(): Promise<boolean> {
    return (await this.#compile()).ok;
  }

  /** Those that compile. Mutants of different files are tried together. */
  async compiling(mutants: readonly Mutant[]): Promise<Set<Mutant>> {
    const rounds = new Map<number, Mutant[]>();
    const seen = new Map<string, number>();
    for (const mutant of mutants) {
      const round = seen.get(mutant.path) ?? 0;
      seen.set(mutant.path, round + 1);
      rounds.set(round, [...(rounds.get(round) ?? []), mutant]);
    }
    const good: Mutant[] = [];
    for (const round of rounds.values()) good.push(...(await this.#compilingOf(round)));
    return new Set(good);
  }

  /** Where the compiler complains of the files of some, the others are tried again without them. */
  async #compilingOf(mutants: readonly Mutant[]): Promise<readonly Mutant[]> {
    if (mutants.length === 0) return [];
    for (const mutant of mutants) this.#write(mutant.path, applied(mutant, this.#original(mutant)));
    const { ok, output } = await this.#compile();
    for (const mutant of mutants) this.#write(mutant.path, this.#original(mutant));
    if (ok) return mutants;
    if (mutants.length === 1) return [];
    const rest = mutants.filter(({ path }) => !output.includes(`${path}(`));
    if (rest.length < mutants.length) return this.#compilingOf(rest);
    const half = Math.floor(mutants.length / 2);
    return [...(await this.#compilingOf(mutants.slice(0, half))), ...(await this.#compilingOf(mutants.slice(half)))];
  }

  /** Asks the closest tests. What a test kills is to be seen in the light of `check`. */
  try(mutant: Mutant): Promise<Fate> {
    return this.#with(mutant, () => this.#ask(mutant, relatedTests(mutant.path, this.#files).close));
  }

  /** Asks the simulator and all other tests that use the file, for a mutant that survived the closest. */
  tryWide(mutant: Mutant): Promise<Fate> {
    const { isSimulated, wide } = relatedTests(mutant.path, this.#files);
    const simulate = async () => this.#simulated(await this.#run(this.#timeoutMs, ...SIMULATION));
    return this.#with(mutant, async () => {
      const fate = isSimulated ? await this.#judge(mutant, await simulate(), "", simulate) : SURVIVED;
      return fate.outcome === "survived" ? this.#ask(mutant, wide) : fate;
    });
  }

  /** Runs test files without any mutant, and answers those that fail. */
  async check(tests: readonly string[]): Promise<Set<string>> {
    let asked = [...tests];
    while (asked.length > 0) {
      const { failed } = await this.#test(asked, 10 * this.#timeoutMs);
      if (failed === undefined) break;
      this.failing.add(failed);
      asked = asked.filter((test) => test !== failed);
    }
    return this.failing;
  }

  async #with(mutant: Mutant, task: () => Promise<Fate>): Promise<Fate> {
    try {
      this.#write(mutant.path, applied(mutant, this.#original(mutant)));
      return await task();
    } finally {
      this.#write(mutant.path, this.#original(mutant));
    }
  }

  async #ask(mutant: Mutant, asked: readonly string[]): Promise<Fate> {
    const tests = asked.filter((test) => !this.failing.has(test));
    if (tests.length === 0) return SURVIVED;
    const answer = await this.#test(tests);
    if (answer.failed !== undefined)
      return { outcome: "killed", by: `${answer.failed} > ${answer.why}`, test: answer.failed };
    return this.#judge(mutant, answer, tests.join(" "), () => this.#test(tests));
  }

  /** A run that fails as a whole kills only where it passes without the mutant, which is tried once for each `key`. */
  async #judge(mutant: Mutant, { why }: TestAnswer, key: string, repeat: () => Promise<TestAnswer>): Promise<Fate> {
    if (why === undefined) return SURVIVED;
    if (!this.#passing.has(key)) {
      this.#write(mutant.path, this.#original(mutant));
      this.#passing.set(key, (await repeat()).why === undefined);
    }
    return { outcome: this.#passing.get(key) ? "killed" : "unclear", by: why };
  }

  #simulated({ ok, timedOut, output }: Ran): TestAnswer {
    if (ok) return {};
    return { why: timedOut ? TOOK_TOO_LONG : (/BROKEN .+|.*Error:? .+/.exec(output)?.[0] ?? "the simulator failed") };
  }

  readonly #original = ({ path }: Mutant): string => this.#files.get(path) as string;

  #write(path: string, text: string): void {
    this.#changed.add(path);
    writeFileSync(join(this.#copy, path), text);
  }

  async #test(tests: readonly string[], timeoutMs = this.#timeoutMs): Promise<TestAnswer> {
    const changed = [...this.#changed];
    this.#changed.clear();
    return this.#server.run({ tests, changed }, timeoutMs);
  }

  #compile(): Promise<Ran> {
    return this.#run(TYPES_TIMEOUT_MS, ...TSC);
  }

  #run(timeoutMs: number, ...[tool = "", ...args]: readonly string[]): Promise<Ran> {
    return runCommand(this.#copy, timeoutMs, join(this.#copy, "node_modules", ".bin", tool), ...args);
  }
}

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
