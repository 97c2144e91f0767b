/** How the platform behaves in a scenario; left out: as it should. */
export interface PlatformLaws {
  /** Share of crons that never come. */
  cronMissed?: number;
  /** Share of crons that come twice. */
  cronDoubled?: number;
  /** The latest that a cron comes, ms. */
  cronLateMs?: number;
  /** The latest that an alarm comes, ms. */
  alarmLateMs?: number;
  /** Objects that die in the midst of something, an hour. */
  deathsPerHour?: number;
  /** Objects are unloaded after so long without anything to do, ms. */
  idleMs?: number;
  /** Objects that are unloaded, an hour. */
  evictionsPerHour?: number;
}

export const USUAL_CRON_LATE_MS = 900;
export const USUAL_ALARM_LATE_MS = 15;
