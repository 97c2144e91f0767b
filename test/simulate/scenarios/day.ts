import type { Scenario } from "../scenario.ts";
import { MINUTE, type Rhythm, type Script } from "../script.ts";
import { configOf } from "../watch-config.ts";
import * as faults from "../zako/fault.ts";

const HOUR = 60 * MINUTE;
/** Some twenty outages in a day; a few in three hours. */
const DAILY: Rhythm = { gapMs: [30 * MINUTE, 60 * MINUTE], durationMs: [6 * MINUTE, 30 * MINUTE] };
const QUICK: Rhythm = { gapMs: [5 * MINUTE, 9 * MINUTE], durationMs: [4 * MINUTE, 12 * MINUTE] };

const CAUSES = {
  refused: faults.refused,
  hangs: faults.hangs,
  unavailable: faults.unavailable,
  corrupt: faults.corrupt,
  lying: faults.lyingNegotiate,
  uploadFails: faults.uploadFails,
  badGateway: faults.badGateway,
} as const;

/**
 * Begins and ends what it says 10 s after a quarter of a minute: runs begin on the quarters, or up to a deadline later.
 * Whether one that begins in the very second of a change still sees it is a matter of ms, in which no two worlds agree.
 */
const between = (atMs: number): number => Math.round(atMs / QUARTER_MS) * QUARTER_MS + 10_000;
const QUARTER_MS = MINUTE / 4;

/** What happens beside the outages, to the so-many-th of every ten. */
function disturb(script: Script, n: number, target: string, atMs: number, forMs: number): void {
  switch (n % 10) {
    case 1:
      // While its first run hangs.
      script.evict(Math.ceil(atMs / MINUTE) * MINUTE + 2_000);
      break;
    case 2:
      script.cron(atMs + MINUTE, "missed");
      script.cron(atMs + forMs, "doubled");
      break;
    case 4:
      script.silence(target, atMs - 5 * MINUTE, Math.round(forMs / 2) + 5 * MINUTE, false);
      break;
    case 5:
      script.databaseDown(atMs - 5 * MINUTE, 20 * MINUTE);
      break;
    case 6:
      script.receiver("oncall", atMs - MINUTE, 6 * MINUTE, { kind: "down" });
      break;
    case 8:
      script.receiver("team", atMs - MINUTE, 5 * MINUTE, { kind: "mute" });
      break;
    case 9:
      script.evict(atMs + forMs - 3_000);
      break;
  }
}

/** The day that `--workerd` plays. It is none of the table's: it has fewer outages, and a platform that is never late. */
export const DAY_SCENARIO: Scenario = {
  name: "workerd-day",
  about: "A day with a bit of everything, in the simulator and inside workerd.",
  days: 1,
  smallDays: 0.125,
  laws: { cronLateMs: 0, alarmLateMs: 0 },
  // Uploads alone see some of it, every 10 minutes.
  bounds: { detectionMs: 630_000, overMs: 70_000, durationErrorMs: 630_000, messages: 5 },
  config: () => configOf({ targets: ["web", "spare"], vantages: ["weur"] }),
  play: (script) => {
    const causes = Object.keys(CAUSES) as (keyof typeof CAUSES)[];
    const isShort = script.lengthMs < 6 * HOUR;
    let n = 0;
    for (const { atMs, forMs } of script.times(isShort ? QUICK : DAILY)) {
      const [beginMs, endMs] = [between(atMs), between(atMs + forMs)];
      const cause = causes[n % causes.length] as keyof typeof CAUSES;
      const target = n % 3 === 2 ? "spare" : "web";
      // An upload is asked every 10 minutes: what ends before is nobody's outage.
      const untilMs = cause === "uploadFails" ? endMs + 11 * MINUTE : endMs;
      if (untilMs > script.lengthMs) break;
      script.outage(target, beginMs, untilMs - beginMs, CAUSES[cause], cause);
      disturb(script, n, target, beginMs, untilMs - beginMs);
      n++;
    }
    script.acknowledges(0.5, [2 * MINUTE, 5 * MINUTE]);
  },
};
