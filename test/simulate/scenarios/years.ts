import type { Scenario } from "../scenario.ts";
import { MINUTE } from "../script.ts";
import { configOf, SIX } from "../watch-config.ts";
import * as faults from "../zako/fault.ts";

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** An outage a day or so: 400 a year. */
const SELDOM = { gapMs: [6 * HOUR, 36 * HOUR], durationMs: [4 * MINUTE, 90 * MINUTE] } as const;
const YEAR = { days: 365, smallDays: 3 };
const ONE = (): ReturnType<typeof configOf> => configOf({ targets: 1, probes: SIX });
const DOWN = { refused: faults.refused, hangs: faults.hangs, corrupt: faults.corrupt, lying: faults.lyingNegotiate };

/** Whole years, in which most days have nothing to say. */
export const YEARS: readonly Scenario[] = [
  {
    ...YEAR,
    name: "year",
    about: "A year of one Zako: an outage a day, of every sort that all probes see soon.",
    bounds: { detectionMs: 75_000, overMs: 70_000, durationErrorMs: 80_000 },
    config: ONE,
    play: (script) => script.outages("zako-0", SELDOM, DOWN),
  },
  {
    ...YEAR,
    name: "year-of-people",
    about: "A year with deployments twice a week, planned work, silences, and receivers that are down now and then.",
    bounds: { detectionMs: 160_000, overMs: 150_000, durationErrorMs: 200_000 },
    config: ONE,
    play: (script) => {
      const configs = [0, 1, 2].map((i) =>
        configOf({ targets: 1, probes: SIX, targetKeys: { token_budget_per_day: 1_000 + i } }),
      );
      for (const { atMs, forMs } of script.times(SELDOM)) {
        script.outage("zako-0", atMs, forMs, faults.refused, "refused");
        if (script.random.chance(0.2))
          script.silence("zako-0", atMs - 5 * MINUTE, forMs + 10 * MINUTE, script.random.chance(0.5));
        if (script.random.chance(0.2)) script.deploy(Math.round(atMs + 0.5 * forMs), script.random.pick(configs));
      }
      for (const { atMs } of script.times({ gapMs: [2 * DAY, 5 * DAY], durationMs: [MINUTE, MINUTE] }))
        script.deploy(atMs, script.random.pick(configs));
      for (const { atMs, forMs } of script.times({ gapMs: [4 * DAY, 20 * DAY], durationMs: [HOUR, 8 * HOUR] }))
        script.receiver(script.random.pick(["team", "oncall"]), atMs, forMs, { kind: "down" });
    },
  },
  {
    ...YEAR,
    name: "year-of-weather",
    about: "A year on a platform that misses crons, unloads and kills objects, and loses its database for hours.",
    laws: { cronMissed: 0.01, cronDoubled: 0.005, deathsPerHour: 0.05, evictionsPerHour: 0.5 },
    bounds: { detectionMs: 140_000, overMs: 100_000, durationErrorMs: 150_000, endErrorMs: 60_000 },
    config: ONE,
    play: (script) => {
      script.outages("zako-0", SELDOM, { refused: faults.refused, hangs: faults.hangs });
      for (const { atMs, forMs } of script.times({ gapMs: [5 * DAY, 25 * DAY], durationMs: [HOUR, 10 * HOUR] }))
        script.databaseDown(atMs, forMs);
    },
  },
];
