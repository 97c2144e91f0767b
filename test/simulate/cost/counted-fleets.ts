import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { CountedUsage } from "./counted-usage.ts";

/** Where counts are kept that take too long for a test. `npm run simulate -- --cost --json` writes it. */
export const COUNTED_FILE = "test/simulate/cost/counted.json";

/** What was counted of a fleet of the documents. */
export interface CountedFleet {
  /** Its name in `FLEETS`. */
  fleet: string;
  /** The kinds of probes that were played: another that is on by default is not in the counts. */
  kinds: readonly string[];
  /** Targets that were played, in so many shards. */
  targets: number;
  shards: number;
  /** Healthy hours that were counted. */
  hours: number;
  /** The mean healthy day, and the hour in which nothing answered, as played. */
  day: CountedUsage;
  outageHour: CountedUsage;
  /** The most calls of one invocation in all that was played. */
  mostCalls: number;
}

export const readCounted = (file = COUNTED_FILE): CountedFleet[] =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as CountedFleet[]) : [];

/** Keeps a count in the place of the former one of the same fleet. */
export function keepCounted(counted: CountedFleet, file = COUNTED_FILE): void {
  const others = readCounted(file).filter(({ fleet }) => fleet !== counted.fleet);
  const all = [...others, counted].toSorted((a, b) => a.targets - b.targets);
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}

/** Usage of `hours`, as a mean day. Every number is a sum but the most calls. */
export function dayOf(usage: CountedUsage, hours: number): CountedUsage {
  const { most, ...sums } = usage;
  const daily = (value: number): number => Math.round((value * 24 * 10) / hours) / 10;
  return {
    workerRequests: daily(sums.workerRequests),
    objectRequests: daily(sums.objectRequests),
    objectGbSeconds: daily(sums.objectGbSeconds),
    objectRowsWritten: daily(sums.objectRowsWritten),
    d1RowsWritten: daily(sums.d1RowsWritten),
    kvReads: daily(sums.kvReads),
    logEvents: daily(sums.logEvents),
    calls: daily(sums.calls),
    most,
  };
}
