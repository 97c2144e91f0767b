import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startZako } from "../zako/server.ts";
import type { Bench, Section } from "./bench.ts";
import { startBenchWorker } from "./bench-worker.ts";
import { GOLDEN } from "./fleet.ts";
import { goldenContent } from "./golden.ts";
import { describeMachine } from "./machine.ts";
import { PROFILE_NAMES, profileOf } from "./profiles.ts";
import { markdownTable, type Row, type SavedRow, table } from "./row.ts";
import { blake3Section } from "./rows/blake3.ts";
import { callsSection } from "./rows/calls.ts";
import { fleetSection } from "./rows/fleet.ts";
import { freePlanSection } from "./rows/free-plan.ts";
import { memorySection } from "./rows/memory.ts";
import { metricsSection } from "./rows/metrics.ts";
import { patternsSection } from "./rows/patterns.ts";
import { storageSection } from "./rows/storage.ts";
import { streamsSection } from "./rows/streams.ts";
import { ticksSection } from "./rows/ticks.ts";

const SECTIONS: readonly Section[] = [
  callsSection,
  streamsSection,
  ticksSection,
  fleetSection,
  blake3Section,
  patternsSection,
  storageSection,
  metricsSection,
  memorySection,
  freePlanSection,
];

const HELP = `npm run bench                      every measurement beside its goal; five to ten minutes on a quiet machine
npm run bench -- --only NAME       one section: ${SECTIONS.map(({ name }) => name).join(", ")}
npm run bench -- --quick           a smoke run: every row, hardly measured and not judged
npm run bench -- --json FILE       also writes an array of {name, value, unit, goal, ok}
npm run bench -- --table FILE      prints such a file as the table of docs/benchmarks.md; measures nothing
npm run bench -- --profile NAME    where the isolate's time goes, by function: ${PROFILE_NAMES.join(", ")}
npm run bench -- --profile NAME --json FILE    also writes V8's profile, which Chrome's DevTools open as FILE.cpuprofile

CPU is user and system time of the Worker's own process, from /proc, so this needs Linux. Goals are goals: a missed one
does not fail the run.`;

const ROUNDS = 7;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: "string" },
      only: { type: "string" },
      table: { type: "string" },
      profile: { type: "string" },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.table !== undefined) {
    const saved = JSON.parse(readFileSync(values.table, "utf8")) as SavedRow[];
    for (const line of markdownTable(saved)) console.log(line);
    return 0;
  }
  if (process.platform !== "linux") {
    console.error(`Cannot measure on ${process.platform}: CPU times are read from /proc, so run this on Linux.`);
    return 2;
  }
  process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
  process.env["WRANGLER_SEND_METRICS"] = "false";
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
  return values.profile === undefined ? measureAll(values) : showProfile(values.profile, values.json);
}

async function showProfile(name: string, file: string | undefined): Promise<number> {
  const zako = await startZako();
  zako.store.keep(GOLDEN.digest, goldenContent());
  try {
    const found = await profileOf(name, zako.url);
    if (found === undefined) {
      console.error(`There is no profile "${name}"; choose from ${PROFILE_NAMES.join(", ")}.`);
      return 2;
    }
    for (const line of found.lines) console.log(line);
    if (file !== undefined) writeFileSync(file, JSON.stringify(found.profile));
    return 0;
  } finally {
    await zako.close();
  }
}

/** What `--only`, `--quick` and `--json` say. */
interface Asked {
  only?: string | undefined;
  quick: boolean;
  json?: string | undefined;
}

async function measureAll(values: Asked): Promise<number> {
  const sections = SECTIONS.filter(({ name }) => values.only === undefined || name === values.only);
  if (sections.length === 0) {
    console.error(`There is no section "${values.only}"; choose from ${SECTIONS.map(({ name }) => name).join(", ")}.`);
    return 2;
  }
  console.log(`${describeMachine()}\n`);
  const rows: Row[] = [];
  for (const section of sections) {
    console.log(`${section.title}`);
    const startedAt = Date.now();
    const found = await measure(section, values.quick);
    rows.push(...found);
    for (const line of table(found, !values.quick)) console.log(`  ${line}`);
    console.log(`  (${((Date.now() - startedAt) / 1_000).toFixed(0)} s)\n`);
  }
  const missed = rows.filter(({ ok, value }) => !ok && value !== null).length;
  const unmeasured = rows.filter(({ value }) => value === null).length;
  if (!values.quick) console.log(`${rows.length} rows, ${missed} above their goal, ${unmeasured} not measured`);
  if (values.json !== undefined) {
    const plain = rows.map(({ name, value, unit, goal, ok }) => ({ name, value, unit, goal, ok }));
    writeFileSync(values.json, `${JSON.stringify(plain, null, 2)}\n`);
  }
  return 0;
}

async function measure(section: Section, quick: boolean): Promise<Row[]> {
  const zako = await startZako();
  zako.store.keep(GOLDEN.digest, goldenContent());
  try {
    const worker = await startBenchWorker();
    const bench: Bench = {
      worker,
      zako,
      quick,
      rounds: quick ? 1 : ROUNDS,
      some: (count) => (quick ? Math.ceil(count / 20) : count),
    };
    try {
      return await section.run(bench);
    } finally {
      await worker.stop();
    }
  } finally {
    await zako.close();
  }
}

process.exitCode = await main();
// What the worker's tool leaves open must not keep the process.
process.exit();
