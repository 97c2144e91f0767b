import { configOfFleet, FLEETS } from "../../check/cost-docs.ts";
import { type Compared, compareCost } from "./compare-cost.ts";

/** Fleets of more targets are played for an hour, of one shard: its targets' share of the whole. */
const MOST_TARGETS = 120;

/** Plays each fleet of the documents and prints the estimate beside what was counted. */
export async function printCosts(days: number, print: (line: string) => void): Promise<void> {
  for (const fleet of FLEETS) {
    const isLarge = fleet.targets > MOST_TARGETS;
    const shards = fleet.shards ?? 1;
    const played = isLarge ? { ...fleet, targets: Math.round(fleet.targets / shards), shards: 1 } : fleet;
    const hours = isLarge ? 1 : days * 24;
    const how = isLarge ? `${hours} h of one of ${shards} shards; multiply by ${shards}` : `${hours} h`;
    print(`${fleet.name} (${how})`);
    const { healthyHour, outageHour, worst, history } = await compareCost(configOfFleet(played), hours, "everything");
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
}

const number = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 1 });
