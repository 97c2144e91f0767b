import type { Scenario } from "../scenario.ts";
import { DENSE, MINUTE } from "../script.ts";
import { configOf, SIX } from "../watch-config.ts";
import * as faults from "../zako/fault.ts";

const REGIONS = ["weur", "enam", "apac"];
const HOUR = 60 * MINUTE;
const BOUNDS = { detectionMs: 75_000, overMs: 70_000, durationErrorMs: 80_000 };
const LONG = { gapMs: [2 * HOUR, 4 * HOUR], durationMs: [20 * MINUTE, 2 * HOUR] } as const;
/** Three targets from three regions. */
const WIDE = (): ReturnType<typeof configOf> => configOf({ targets: 3, probes: SIX, vantages: REGIONS });

/**
 * Share of runs that are lost whole, though TCP sends again for as long as their deadline is. Two of three evaluations are
 * an outage by law 1, whether or not a good one lies between: with two lost in a hundred that happens every other day of
 * loss, with this every month or so, and the ledger counts it.
 */
const LOST = 0.003;

/** What lies between the vantages and the servers. */
export const NETWORKS: readonly Scenario[] = [
  {
    name: "loss",
    about: "Three in a thousand runs are lost on the way for hours, and the target goes down now and then besides.",
    days: 4,
    smallDays: 2,
    // A run that is lost while a target recovers begins the recovery anew: three rechecks more.
    bounds: { detectionMs: 80_000, overMs: 115_000, durationErrorMs: 125_000, endErrorMs: 70_000 },
    config: () => configOf({ targets: 1 }),
    play: (script) => {
      for (const { atMs, forMs } of script.times(LONG)) script.network(atMs, forMs, faults.share(LOST, faults.hangs));
      script.outages("zako-0", DENSE, { refused: faults.refused });
    },
  },
  {
    name: "three-regions",
    about: "Targets go down for all three regions.",
    days: 2,
    smallDays: 1,
    // Who goes down while others are joins their message.
    bounds: { ...BOUNDS, messages: 4 },
    config: WIDE,
    play: (script) => {
      for (const target of script.targets)
        script.outages(target, DENSE, { refused: faults.refused, hangs: faults.hangs });
    },
  },
  {
    name: "one-region-fails",
    about: "One region of three cannot reach a target, and the others can: a warning with its name, and no page.",
    days: 4,
    smallDays: 1,
    bounds: BOUNDS,
    config: WIDE,
    play: (script) => {
      for (const { atMs, forMs } of script.times(LONG))
        script.noise("zako-0", atMs, forMs, faults.from(["apac"], faults.hangs));
    },
  },
  {
    name: "two-regions-fail",
    about: "Two regions of three cannot reach a target: it is down.",
    days: 4,
    smallDays: 1,
    bounds: BOUNDS,
    config: WIDE,
    play: (script) => {
      for (const { atMs, forMs } of script.times(DENSE)) {
        const fault = faults.from(["apac", "enam"], faults.refused);
        script.outage("zako-0", atMs, forMs, fault, "two regions", ["cas.negotiate", "transport.download"]);
      }
    },
  },
  {
    name: "vantage-cut-off",
    about:
      "A vantage reaches nothing at all: it is suspect, and no target is down for it. Real outages page meanwhile.",
    days: 4,
    smallDays: 1,
    bounds: BOUNDS,
    config: WIDE,
    play: (script) => {
      for (const { atMs, forMs } of script.times(LONG))
        script.network(atMs, forMs, faults.from(["enam"], faults.refused), "prober");
      script.outages("zako-1", DENSE, { refused: faults.refused });
    },
  },
  {
    name: "slow-drift",
    about: "A target becomes twenty times slower over an hour and back again: latency warnings, and no page.",
    days: 4,
    smallDays: 1,
    bounds: BOUNDS,
    config: () => configOf({ targets: 1 }),
    play: (script) => {
      const zako = script.world.zako("zako-0");
      for (const { atMs } of script.times({ gapMs: [3 * HOUR, 5 * HOUR], durationMs: [2 * HOUR, 2 * HOUR] })) {
        for (let step = 0; step <= 120; step++)
          script.at(atMs + step * MINUTE, () => {
            zako.slowness = 1 + (19 * Math.min(step, 120 - step)) / 60;
          });
        script.trouble("noise", atMs, 3 * HOUR);
      }
    },
  },
  {
    name: "slow-beyond-deadline",
    about: "A target answers after every deadline for a while.",
    days: 4,
    smallDays: 2,
    bounds: BOUNDS,
    config: () => configOf({ targets: 1 }),
    play: (script) => {
      const zako = script.world.zako("zako-0");
      for (const { atMs, forMs } of script.times(DENSE)) {
        script.outage("zako-0", atMs, forMs, () => undefined, "too slow", ["cas.negotiate", "transport.download"]);
        script.at(atMs, () => {
          zako.slowness = 1_000;
        });
        script.at(atMs + forMs, () => {
          zako.slowness = 1;
        });
      }
    },
  },
  {
    name: "flapping",
    about: "A target is away for 35 of each 60 seconds: one outage for as long as that lasts, and one page.",
    days: 15,
    smallDays: 1,
    bounds: { detectionMs: 140_000, overMs: 75_000, durationErrorMs: 150_000 },
    config: () => configOf({ targets: 1 }),
    play: (script) => script.outages("zako-0", LONG, { flapping: faults.flapping(35_000, 25_000, faults.refused) }),
  },
];
