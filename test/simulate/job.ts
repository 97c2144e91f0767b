import { type Played, PROBERS, type Prober, play } from "./play.ts";
import { SCENARIOS } from "./scenarios.ts";

/** A scenario to play: by whom, which course of events, how long. */
export interface Job {
  scenario: string;
  prober: Prober;
  seed: number;
  days: number;
}

/** How long scenarios play: as their small size, as their large one, or so many days. */
export type Length = "small" | "large" | number;

/** All jobs of a run: each scenario, for each seed, by each prober. */
export function jobsOf(
  scenarios: readonly string[],
  probers: readonly Prober[],
  { seed, seeds, length }: { seed: number; seeds: number; length: Length },
): Job[] {
  const jobs: Job[] = [];
  const chosen = SCENARIOS.filter(({ name }) => scenarios.length === 0 || scenarios.includes(name));
  for (let one = seed; one < seed + seeds; one++)
    for (const { name, days, smallDays } of chosen)
      for (const prober of PROBERS.filter((prober) => probers.includes(prober)))
        jobs.push({
          scenario: name,
          prober,
          seed: one,
          days: length === "small" ? smallDays : length === "large" ? days : length,
        });
  return jobs;
}

/** Plays a job. Throws where there is no such scenario. */
export async function playJob({ scenario, prober, seed, days }: Job): Promise<Played> {
  const found = SCENARIOS.find(({ name }) => name === scenario);
  if (found === undefined) throw new Error(`There is no scenario ${scenario}.`);
  return play(found, prober, seed, days);
}
