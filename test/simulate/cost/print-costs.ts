import { USUAL } from "../../../functions/config/cost/assumptions.ts";
import type { Config } from "../../../functions/model/config.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { configOfFleet, FLEETS } from "../../check/cost-docs.ts";
import { type Compared, type CostComparison, compareCost } from "./compare-cost.ts";
import { dayOf, keepCounted } from "./counted-fleets.ts";

/** A fleet of more targets is played as this many of them, with their share of its shards. */
const MOST_TARGETS = 1_000;

/** How the fleets of the documents are played. */
export interface CostPlay {
  days: number;
  /** Only fleets of so many targets; empty: all. */
  targets: readonly number[];
  /** Where the counts are kept, too. */
  json?: string;
}

/** Plays fleets of the documents and prints the estimate beside what was counted. */
export async function printCosts({ days, targets, json }: CostPlay, print: (line: string) => void): Promise<void> {
  const before = new Map<string, CostComparison>();
  for (const fleet of FLEETS) {
    if (targets.length > 0 && !targets.includes(fleet.targets)) continue;
    const share = Math.min(1, MOST_TARGETS / fleet.targets);
    const played = { ...fleet, targets: fleet.targets * share, shards: Math.round((fleet.shards ?? 1) * share) };
    const hours = days * 24;
    const how = share < 1 ? `, as ${played.targets} targets in ${played.shards} shards; multiply by ${1 / share}` : "";
    print(`${fleet.name} (${hours} h${how})`);
    const config = configOfFleet(played);
    // A large fleet may be played as another one that has been played already.
    const key = JSON.stringify([config.targets.length, config.shards, config.vantages, config.targets[0]?.probes]);
    const comparison =
      before.get(key) ?? (await compareCost(config, hours, "everything", (kind) => roundTripsMs(config, kind)));
    before.set(key, comparison);
    printComparison(comparison, print);
    if (json === undefined) continue;
    const { healthy, outageHour, hourAfter } = comparison.counted;
    const most = [healthy, outageHour, hourAfter].flatMap((of) => Object.values(of.most));
    const counts = { day: dayOf(healthy, hours), outageHour: dayOf(outageHour, 24), mostCalls: Math.max(...most) };
    const kinds = config.targets[0]?.probes.map(({ kind }) => kind) ?? [];
    keepCounted({ fleet: fleet.name, kinds, targets: played.targets, shards: played.shards, hours, ...counts }, json);
  }
}

/** What `config cost` assumes: each call of a good run takes a round trip. */
function roundTripsMs({ targets }: Config, kind: string): number {
  const plan = targets[0]?.probes.find((one) => one.kind === kind);
  const known = PROBE_KINDS.find((one) => one.kind === kind);
  return plan === undefined || known === undefined ? 0 : known.calls(plan.options) * USUAL.roundTripMs;
}

function printComparison({ healthyHour, outageHour, worst, history }: CostComparison, print: CostPrinter): void {
  const part = (title: string, all: readonly Compared[]): void => {
    print(`  ${title.padEnd(32)} ${"estimated".padStart(14)} ${"counted".padStart(14)}`);
    for (const { what, estimated, counted } of all)
      print(`    ${what.padEnd(30)} ${number(estimated).padStart(14)} ${number(counted).padStart(14)}`);
  };
  part("a healthy hour", healthyHour);
  part("an hour of total outage", outageHour);
  part("calls of the worst invocation", worst);
  part("history", [history]);
}

type CostPrinter = (line: string) => void;

const number = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 1 });
