import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readFiles } from "../check/source-files.ts";
import { changedLines, type Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutants-of.ts";
import { seededRandom, shuffled } from "./random.ts";
import { type Fate, Workshop } from "./workshop.ts";

const FOLDERS = ["evaluate", "notify", "monitor", "alerter", "store"].map((name) => `functions/${name}/`);

const HELP = `npm run mutate                     tries 20 random mutants of ${FOLDERS.join(", ")}
npm run mutate -- --count N        so many; those that do not compile are not counted
npm run mutate -- --seed N         the same mutants again, as long as the code is the same
npm run mutate -- --under PATH     only files whose path begins so
npm run mutate -- --skip N         leaves out the first N that would be tried, to go on with a sample
npm run mutate -- --close          asks only the closest tests: faster, and more survive
npm run mutate -- --timeout S      how long the tests of one step may take, 600 by default
npm run mutate -- --list           only prints the mutants
npm run mutate -- --json FILE      also writes the result

A mutant is one small change of the code, such as a negated condition. It is killed if a test fails, and survives if all pass:
then it is harmless, or no test asks for what it broke. All are tried with the closest tests first, then the survivors with a
quarter of a day of some scenarios of the simulator and with the other tests that use the file. A failure counts only if the same
tests pass without the mutant. Mutants are tried in a copy; the checkout stays as it is.`;

interface Result {
  mutant: Mutant;
  fate: Fate;
  before: string;
  after: string;
  tookMs: number;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      count: { type: "string", default: "20" },
      skip: { type: "string", default: "0" },
      timeout: { type: "string", default: "600" },
      under: { type: "string", default: "" },
      close: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const seed = whole("seed", values.seed ?? String(Date.now() % 1_000_000));
  const [count, skip] = [whole("count", values.count), whole("skip", values.skip)];
  const files = readFiles(["functions", "test"], /(?<!\.d)\.ts$/);
  const isChosen = (path: string): boolean =>
    FOLDERS.some((folder) => path.startsWith(folder)) && path.startsWith(values.under);
  const all = [...files].filter(([path]) => isChosen(path)).flatMap(([path, text]) => mutantsOf(path, text));
  const sample = onePerLine(shuffled(all, seededRandom(seed))).slice(skip);
  const describe = (mutant: Mutant) => changedLines(mutant, files.get(mutant.path) as string);
  console.log(`mutate: ${all.length} mutants, --seed ${seed} --count ${count}`);
  if (values.list) {
    for (const mutant of sample.slice(0, count)) print("mutant", mutant, describe(mutant));
    return 0;
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  using workshop = new Workshop(files, whole("timeout", values.timeout) * 1_000);
  if (!(await workshop.compiles())) throw new Error("functions/ does not compile: see `npx tsc`");
  const results: Result[] = [];
  const report = ({ mutant, fate, ...lines }: Result) => {
    print(fate.outcome, mutant, lines, "by" in fate ? fate.by : undefined);
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify({ seed, count, skip, results }, null, 2)}\n`);
  };
  const askAgain = async (result: Result, ask: (mutant: Mutant) => Promise<Fate>) => {
    const since = Date.now();
    result.fate = await ask(result.mutant);
    result.tookMs += Date.now() - since;
    report(result);
  };
  const askAll = async (mutant: Mutant): Promise<Fate> => {
    const fate = await workshop.try(mutant);
    return fate.outcome === "survived" && !values.close ? workshop.tryWide(mutant) : fate;
  };
  const checkKills = async () => {
    const killers = new Set(results.flatMap(({ fate }) => (fate.outcome === "killed" && fate.test) || []));
    const failing = await workshop.check([...killers]);
    for (const result of results)
      if (result.fate.outcome === "killed" && failing.has(result.fate.test ?? "")) await askAgain(result, askAll);
  };
  for (const mutant of sample) {
    if (results.filter(({ fate }) => fate.outcome !== "not compiled").length >= count) break;
    const since = Date.now();
    const fate = await workshop.try(mutant);
    const result = { mutant, fate, ...describe(mutant), tookMs: Date.now() - since };
    results.push(result);
    report(result);
  }
  await checkKills();
  if (!values.close) {
    for (const result of results)
      if (result.fate.outcome === "survived") await askAgain(result, (mutant) => workshop.tryWide(mutant));
    await checkKills();
  }
  summarize(results, seed);
  if (workshop.failing.size > 0)
    console.log(`mutate: not asked, since they fail already: ${[...workshop.failing].join(", ")}`);
  return 0;
}

/** Two changes of one line rarely tell more than one. */
function onePerLine(mutants: readonly Mutant[]): Mutant[] {
  const seen = new Set<string>();
  return mutants.filter(({ path, line }) => !seen.has(`${path}:${line}`) && seen.add(`${path}:${line}`));
}

function print(outcome: string, { path, line, what }: Mutant, lines: { before: string; after: string }, by?: string) {
  console.log(`${outcome.padEnd(12)} ${path}:${line}: ${what}${by === undefined ? "" : ` (${by})`}`);
  console.log(`             - ${lines.before}\n             + ${lines.after}`);
}

function summarize(results: readonly Result[], seed: number): void {
  const of = (outcome: Fate["outcome"]) => results.filter(({ fate }) => fate.outcome === outcome);
  const [killed, survived, unclear] = [of("killed").length, of("survived").length, of("unclear").length];
  const share = ((100 * killed) / Math.max(1, killed + survived)).toFixed(1);
  if (survived > 0) console.log("\nSurvivors:");
  for (const { mutant, ...lines } of of("survived")) print("survived", mutant, lines);
  console.log(
    `\nmutate: ${killed} killed, ${survived} survived, ${unclear} unclear, ${of("not compiled").length} not compiled`,
  );
  console.log(`mutate: ${share} % killed; --seed ${seed} repeats it`);
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} is "${text}": give a whole number`);
  return value;
}

process.exitCode = await main();
