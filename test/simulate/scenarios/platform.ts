import type { Scenario } from "../scenario.ts";
import { DENSE, MINUTE } from "../script.ts";
import { configOf } from "../watch-config.ts";
import * as faults from "../zako/fault.ts";

const HOUR = 60 * MINUTE;
const BOUNDS = { detectionMs: 75_000, overMs: 70_000, durationErrorMs: 80_000 };
const SHIPPED = (): ReturnType<typeof configOf> => configOf({ targets: 1 });
const MONTH = { days: 4, smallDays: 2, config: SHIPPED };
const outages: Scenario["play"] = (script) =>
  script.outages("zako-0", DENSE, { refused: faults.refused, hangs: faults.hangs });

/** What the platform does to us. */
export const PLATFORM: readonly Scenario[] = [
  {
    ...MONTH,
    name: "cron-missed",
    about: "One cron in five never comes: the alarm does its work.",
    laws: { cronMissed: 0.2 },
    bounds: BOUNDS,
    play: outages,
  },
  {
    ...MONTH,
    name: "cron-never",
    about: "No cron ever comes.",
    laws: { cronMissed: 1 },
    bounds: BOUNDS,
    // Without a first cron nothing exists at all: somebody opens a page once.
    play: (script) => {
      script.wakeOnce();
      outages(script);
    },
  },
  {
    ...MONTH,
    name: "cron-doubled",
    about: "One cron in three comes twice.",
    laws: { cronDoubled: 0.33 },
    bounds: BOUNDS,
    play: outages,
  },
  {
    ...MONTH,
    name: "cron-late",
    about: "Crons come up to a minute late.",
    laws: { cronLateMs: MINUTE },
    bounds: BOUNDS,
    play: outages,
  },
  {
    ...MONTH,
    name: "alarms-late",
    about: "Every alarm comes up to 20 s late; each recheck, confirmation and message waits for one.",
    laws: { alarmLateMs: 20_000 },
    bounds: { detectionMs: 120_000, overMs: 130_000, durationErrorMs: 150_000, endErrorMs: 60_000 },
    play: outages,
  },
  {
    ...MONTH,
    name: "deaths",
    about: "Objects die in the midst of whatever they do, ten an hour.",
    laws: { deathsPerHour: 10 },
    bounds: { detectionMs: 140_000, overMs: 100_000, durationErrorMs: 150_000, endErrorMs: 60_000 },
    play: outages,
  },
  {
    ...MONTH,
    name: "evictions",
    about: "Objects are unloaded every minute.",
    laws: { evictionsPerHour: 60 },
    bounds: { detectionMs: 140_000, overMs: 90_000, durationErrorMs: 140_000, endErrorMs: 60_000 },
    play: outages,
  },
  {
    ...MONTH,
    name: "database-down",
    about: "D1 is down for hours, again and again: nothing waits for it, and the record is whole afterwards.",
    bounds: BOUNDS,
    play: (script) => {
      outages(script);
      for (const { atMs, forMs } of script.times({ gapMs: [2 * HOUR, 6 * HOUR], durationMs: [HOUR, 5 * HOUR] }))
        script.databaseDown(atMs, forMs);
    },
  },
  {
    ...MONTH,
    name: "clock-steps",
    about: "The platform's clock is set forward and back by up to three minutes.",
    // Recorded times are those of a clock that is wrong.
    bounds: { detectionMs: 330_000, overMs: 330_000, durationErrorMs: 400_000, endErrorMs: 400_000 },
    play: (script) => {
      outages(script);
      let ahead = 0;
      for (const { atMs } of script.times({ gapMs: [3 * HOUR, 9 * HOUR], durationMs: [MINUTE, MINUTE] })) {
        const to = Math.round(script.random.between(-3, 3) * MINUTE);
        script.clockStep(atMs, to - ahead);
        ahead = to;
        script.trouble("prober", atMs, 10 * MINUTE);
      }
    },
  },
  {
    ...MONTH,
    name: "prober-breaks",
    about: "The prober's own runs break for a while: `ZakoProberFault`, and no word against the target.",
    bounds: BOUNDS,
    play: (script) => {
      for (const { atMs, forMs } of script.times({
        gapMs: [2 * HOUR, 4 * HOUR],
        durationMs: [10 * MINUTE, 40 * MINUTE],
      })) {
        script.noise("zako-0", atMs, forMs, faults.proberBug);
        script.trouble("prober", atMs, forMs);
      }
    },
  },
];
