import { PROBERS } from "./play.ts";
import type { Row } from "./results.ts";
import { SCENARIOS } from "./scenarios.ts";

const HEAD = `# Verdicts, in a simulated world

What people hear of outages, for each scenario of the simulator (\`test/simulate\`): a world with a clock of its own, scripted Zakos, networks, platform, people and receivers, and the real Monitor and Alerter. The ledger knows only what receivers got and what the script did.

Three probers watch the same worlds:

- **zako-watch**, with the shipped defaults where the scenario does not need others.
- **naive**: one vantage, every critical probe at its interval; one failure pages, the first good runs resolve.
- **prometheus**: a model of blackbox_exporter scraped every 15 s, \`for: 1m\`, and Alertmanager with its defaults. It asks \`grpc.health.v1\` where the server has it, else whether HTTP answers at all.

An outage counts if it outlasts the interval and two deadlines of a probe that sees it, outside silences and maintenance.

Columns: outages of all seeds; *missed*: nobody was paged; *false*: pages where nothing was wrong; *after*: messages begun by a run after the mend; *open*: pages that never ended; *twice*: repeated though the first delivery was certain, and in brackets repeated since nobody could know of the first; *found*: from the beginning of the outage to the first page, seconds, P50 and P99 (the worst seed's); *over*: from the mend to the last "resolved"; *record*: error of the recorded minutes, P99.
`;

/** The document that shows the rows of a large run, summed over seeds. */
export function verdictsPage(all: readonly Row[]): string {
  const rows = all.filter((row) => SCENARIOS.some(({ name }) => name === row.scenario));
  const seeds = [...new Set(rows.map(({ seed }) => seed))].sort((a, b) => a - b);
  const ours = rows.filter(({ prober }) => prober === "zako-watch");
  const ticks = sum(ours, ({ ticks }) => ticks);
  const broken = ours.filter((row) => row.broken.length > 0);
  return [
    HEAD,
    `Printed by \`npm run simulate -- --print FILE\` from a run with seeds ${seeds.join(", ")}: ${ours.length} courses of ${new Set(ours.map(({ scenario }) => scenario)).size} scenarios, ${Math.round(sum(ours, ({ days }) => days))} simulated days, ${sum(ours, ({ outages }) => outages)} outages; ${broken.length} courses broke a law or a bound. CPU of a tick and what follows from it, receivers included: ${(sum(ours, (row) => row.cpuMsPerTick * row.ticks) / ticks).toFixed(1)} ms on average.`,
    "",
    "## All scenarios together",
    "",
    ...table(PROBERS.map((prober) => ["all", prober, rows.filter((row) => row.prober === prober)])),
    "",
    "## Each scenario",
    "",
    ...table(
      SCENARIOS.flatMap(({ name }) =>
        PROBERS.map(
          (prober): Line => [name, prober, rows.filter((row) => row.scenario === name && row.prober === prober)],
        ),
      ),
    ),
    "",
    "## What the scenarios are",
    "",
    ...SCENARIOS.map(({ name, about }) => `- \`${name}\`: ${about}`),
    "",
    ...(broken.length === 0
      ? []
      : [
          "## What was broken",
          "",
          ...broken.map(({ scenario, seed, broken }) => `- \`${scenario}\`, seed ${seed}: ${broken.join("; ")}`),
          "",
        ]),
  ].join("\n");
}

type Line = [scenario: string, prober: string, rows: readonly Row[]];

function table(lines: readonly Line[]): string[] {
  const head = [
    "scenario",
    "prober",
    "outages",
    "missed",
    "false",
    "after",
    "open",
    "twice",
    "most",
    "found",
    "over",
    "record",
  ];
  const cells = lines.flatMap(([scenario, prober, rows]) =>
    rows.length === 0
      ? []
      : [
          [
            `\`${scenario}\``,
            prober,
            ...(["outages", "missed", "falsePages", "toldAfterMend", "unresolved"] as const).map((name) =>
              sum(rows, (row) => row[name]),
            ),
            `${sum(rows, ({ doubled }) => doubled)} (${sum(rows, ({ doubledUnknown }) => doubledUnknown)})`,
            Math.max(...rows.map(({ mostMessages }) => mostMessages)),
            delay(rows, "detection"),
            delay(rows, "over"),
            prober === "zako-watch" ? seconds(worst(rows, "durationErrorMs")) : "-",
          ].map(String),
        ],
  );
  return [head, head.map((_, i) => (i < 2 ? "---" : "---:")), ...cells].map((row) => `| ${row.join(" | ")} |`);
}

const sum = (rows: readonly Row[], of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0);

function worst(rows: readonly Row[], name: keyof Row): number | undefined {
  const known = rows.map((row) => row[name]).filter((value) => typeof value === "number");
  return known.length === 0 ? undefined : Math.max(...known);
}

const seconds = (ms: number | undefined): string => (ms === undefined ? "-" : `${(ms / 1000).toFixed(0)} s`);

function delay(rows: readonly Row[], name: "detection" | "over"): string {
  const middle = rows
    .map((row) => row[`${name}P50Ms`])
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  const p99 = worst(rows, `${name}P99Ms`);
  return p99 === undefined ? "-" : `${seconds(middle[Math.floor(middle.length / 2)])} / ${seconds(p99)}`;
}
