import type { Clock } from "./clock.ts";
import { type PlatformLaws, USUAL_CRON_LATE_MS } from "./platform.ts";
import type { Random } from "./random.ts";

const MINUTE_MS = 60_000;

/** What decides when crons come. */
interface CronWorld {
  clock: Clock;
  laws: PlatformLaws;
  /** Of the script itself, by the cron's minute, true epoch ms. */
  scriptedCrons: ReadonlyMap<number, "missed" | "doubled">;
}

/** Lets a cron come each minute, as the laws of the scenario and the script have it. `scheduled` gets the cron's own time. */
export function planCrons(
  { clock, laws, scriptedCrons }: CronWorld,
  random: Random,
  scheduled: (time: number) => void,
): void {
  const next = (at: number): void => {
    clock.plan(at, () => {
      const lateMs = random.next() * (laws.cronLateMs ?? USUAL_CRON_LATE_MS);
      const shown = clock.now();
      const time = shown - (shown % MINUTE_MS);
      const scripted = scriptedCrons.get(at);
      if (!random.chance(laws.cronMissed ?? 0) && scripted !== "missed") clock.plan(at + lateMs, () => scheduled(time));
      if (random.chance(laws.cronDoubled ?? 0)) clock.plan(at + random.next() * MINUTE_MS, () => scheduled(time));
      if (scripted === "doubled") clock.plan(at + SECOND_CRON_MS, () => scheduled(time));
      next(at + MINUTE_MS);
    });
  };
  next(clock.at + MINUTE_MS);
}

/** A cron that the script doubles comes again so much later. */
const SECOND_CRON_MS = 4_000;
