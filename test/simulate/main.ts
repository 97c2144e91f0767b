import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { printCosts } from "./cost/print-costs.ts";
import { jobsOf } from "./job.ts";
import { hunt } from "./mutants/hunt.ts";
import { MUTANTS } from "./mutants/mutants.ts";
import { PROBERS } from "./play.ts";
import { playAll } from "./pool.ts";
import { happeningsOf } from "./random-script.ts";
import { type Row, rowOf, tableOf } from "./results.ts";
import { DAY_SCENARIO } from "./scenarios/day.ts";
import { SCENARIOS } from "./scenarios.ts";
import { breaks, shrink } from "./shrink.ts";
import { verdictsPage } from "./verdicts-page.ts";

const HELP = `npm run simulate                       every scenario, small: some days each
npm run simulate -- NAME ...           only these
npm run simulate -- --list             what there is
npm run simulate -- --large            as many days as the large run has
npm run simulate -- --days N           so many days
npm run simulate -- --seed N           another course of random events; default 1
npm run simulate -- --seeds N          so many courses
npm run simulate -- --random           a random script for each seed; one that fails is shrunk and printed
npm run simulate -- --prober NAME      only ${PROBERS.join(", ")}
npm run simulate -- --threads N        so many at once
npm run simulate -- --json FILE        also writes the rows, after each one
npm run simulate -- --print FILE       prints such a file as docs/verdicts.md
npm run simulate -- --mutant NAME      with one law of the product broken; "all": each of them
npm run simulate -- --cost [5 20 ...]  what fleets of so many targets use of the platform, counted beside the estimate of
                                       config cost; --days N, default 7; --json FILE keeps the counts for docs/deploying.md
npm run simulate -- --workerd          one day here and inside workerd, both ledgers side by side; --days 0.125: three hours
npm run simulate -- --verbose          what broke a law, event by event

The exit code is 1 if a law or a bound is broken.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
    days: { type: "string" },
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    prober: { type: "string" },
    threads: { type: "string", default: "1" },
    json: { type: "string" },
    print: { type: "string" },
    random: { type: "boolean", default: false },
    mutant: { type: "string" },
    cost: { type: "boolean", default: false },
    workerd: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.list) {
    for (const { name, about } of SCENARIOS) console.log(`${name.padEnd(24)} ${about}`);
    return 0;
  }
  if (values.cost) {
    const { days = 7, json } = values;
    const play = { days: Number(days), targets: positionals.map(Number), ...(json === undefined ? {} : { json }) };
    await printCosts(play, (line) => console.log(line));
    return 0;
  }
  if (values.print !== undefined) {
    console.log(verdictsPage(JSON.parse(readFileSync(values.print, "utf8")) as Row[]));
    return 0;
  }
  if (values.mutant !== undefined) return huntAll(values.mutant);
  if (values.workerd) return playInBoth(Number(values.seed), Number(values.days ?? DAY_SCENARIO.days));
  if (values.random) return playRandom(Number(values.seed), Number(values.seeds), Number(values.days ?? 1) * 24);
  const unknown = positionals.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  const prober = PROBERS.find((name) => name === values.prober);
  if (unknown.length > 0 || (values.prober !== undefined && prober === undefined)) {
    console.error(
      `There is no ${[...unknown, ...(prober === undefined ? [values.prober] : [])].filter(Boolean).join(", ")}; see --list and --help.`,
    );
    return 2;
  }
  const jobs = jobsOf(positionals, prober === undefined ? PROBERS : [prober], {
    seed: Number(values.seed),
    seeds: Number(values.seeds),
    length: values.days === undefined ? (values.large ? "large" : "small") : Number(values.days),
  });
  const rows: Row[] = [];
  const all = await playAll(jobs, Number(values.threads), (played) => {
    rows.push(rowOf(played));
    for (const line of tableOf([played], rows.length === 1)) console.log(line);
    for (const why of played.broken) console.log(`    BROKEN ${why}`);
    if (values.verbose) for (const finding of played.ledger.findings) console.log(`      ${finding}`);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 1)}\n`);
  });
  const broken = all.filter((played) => played.broken.length > 0);
  console.log(`${all.length} runs, ${broken.length} broke a law or a bound`);
  return broken.length === 0 ? 0 : 1;
}

/** Plays a random script for each seed. */
async function playRandom(first: number, count: number, hours: number): Promise<number> {
  let failing = 0;
  for (let seed = first; seed < first + count; seed++) {
    const happenings = happeningsOf(seed, hours);
    const found = await breaks(happenings, seed, hours);
    console.log(`seed ${seed}: ${happenings.length} events, ${found === undefined ? "ok" : found.broken.join("; ")}`);
    if (found === undefined) continue;
    failing++;
    const shrunk = await shrink(found, seed, hours);
    console.log(`  needs ${shrunk.happenings.length} events to break: ${shrunk.broken.join("; ")}`);
    for (const happening of shrunk.happenings) console.log(`    ${JSON.stringify(happening)},`);
    for (const finding of shrunk.findings) console.log(`      ${finding}`);
  }
  console.log(`${count} seeds, ${failing} broke a law or a bound`);
  return failing === 0 ? 0 : 1;
}

/** The same script in the simulator and inside workerd: equal ledgers. */
async function playInBoth(seed: number, days: number): Promise<number> {
  // Only here: nothing else needs what Workers are built with.
  const { compareWorlds } = await import("./workerd/play-in-workerd.ts");
  const { lines, broken } = await compareWorlds(DAY_SCENARIO, seed, days);
  for (const line of lines) console.log(line);
  for (const why of broken) console.log(`    BROKEN ${why}`);
  console.log(broken.length === 0 ? "the two worlds agree" : `${broken.length} differences`);
  return broken.length === 0 ? 0 : 1;
}

/** Every mutant must be found. */
function huntAll(wanted: string): number {
  const names = wanted === "all" ? MUTANTS.map(({ name }) => name) : [wanted];
  let survivors = 0;
  for (const name of names) {
    const { isFound, mutant, output } = hunt(name);
    if (!isFound) survivors++;
    console.log(`${isFound ? "found   " : "SURVIVED"} ${name}: ${mutant.about}`);
    const broken = output.split("\n").filter((line) => line.includes("BROKEN"));
    for (const line of isFound && !values.verbose ? broken.slice(0, 2) : output.split("\n"))
      console.log(`    ${line.trim()}`);
  }
  console.log(`${names.length} mutants, ${survivors} survived`);
  return survivors === 0 ? 0 : 1;
}

process.exitCode = await main();
