import { type PlatformCost, platformCost } from "../../functions/config/cost/platform-cost.ts";
import { METER_NAMES, type MeterName } from "../../functions/config/cost/prices.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { type CountedFleet, readCounted } from "../simulate/cost/counted-fleets.ts";
import { configOfFleet, FLEETS, type Fleet, type Table } from "./cost-docs.ts";

/** Meters that are both estimated and counted; `once`: whatever the number of shards is. */
const COUNTED_METERS = [
  { meter: "workerRequests", once: true },
  { meter: "objectRequests", once: false },
  { meter: "objectGbSeconds", once: false },
  { meter: "objectRowsWritten", once: false },
  { meter: "kvReads", once: true },
  { meter: "logEvents", once: false },
] as const satisfies readonly { meter: MeterName; once: boolean }[];

/** One number as `config cost` prints it, and as it was counted. */
interface Pair {
  estimated: number;
  counted: number;
}

/** What `config cost` says of a fleet, beside what a played world counted. */
export interface CountedComparison {
  fleet: Fleet;
  played: CountedFleet;
  meters: { meter: MeterName; day: Pair; outageHour: Pair }[];
  /** Calls of the worst invocation; the estimate is a bound. */
  worst: Pair;
}

/** The fleets that were counted. */
export function countedComparisons(): CountedComparison[] {
  const counted = readCounted();
  return FLEETS.flatMap((fleet) => {
    const played = counted.find((one) => one.fleet === fleet.name);
    return played === undefined ? [] : [compare(fleet, played)];
  });
}

function compare(fleet: Fleet, played: CountedFleet): CountedComparison {
  const cost: PlatformCost = platformCost(configOfFleet({ ...fleet, probes: played.kinds }), PROBE_KINDS, fleet.plan);
  const share = fleet.targets / played.targets;
  return {
    fleet,
    played,
    meters: COUNTED_METERS.map(({ meter, once }) => {
      const pair = (time: "day" | "outageHour"): Pair => ({
        estimated: cost.usage[time][meter],
        counted: played[time][meter] * (once ? 1 : share),
      });
      return { meter, day: pair("day"), outageHour: pair("outageHour") };
    }),
    worst: { estimated: Math.max(...cost.worst.map(({ calls }) => calls)), counted: played.mostCalls },
  };
}

/** `config cost` beside what was counted. */
export function countedTable(): Table {
  return {
    head: ["fleet", "counted", "a healthy day", "`config cost`", "counted", "an hour of total outage", "counted"],
    rows: countedComparisons().flatMap(({ fleet, played, meters, worst }) => [
      ...meters.map(({ meter, day, outageHour }, i) => [
        i === 0 ? fleet.name : "",
        i === 0 ? formatPlayed(fleet, played) : "",
        METER_NAMES[meter],
        whole(day.estimated),
        withDifference(day),
        whole(outageHour.estimated),
        withDifference(outageHour),
      ]),
      ["", "", "most calls of one invocation", `at most ${whole(worst.estimated)}`, whole(worst.counted), "", ""],
    ]),
  };
}

function formatPlayed(fleet: Fleet, { targets, shards, hours }: CountedFleet): string {
  const time = hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`;
  return targets === fleet.targets
    ? time
    : `${time} of ${whole(targets)} targets in ${shards} shards, times ${fleet.targets / targets}`;
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");

/** A count, and by how much the estimate is above or below it. */
function withDifference({ estimated, counted }: Pair): string {
  const percent = counted === 0 ? 0 : (100 * (estimated - counted)) / counted;
  const difference = Math.abs(percent) < 0.5 ? "same" : `${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(0)} %`;
  return `${whole(counted)} (${difference})`;
}
