import { MINUTE_MS } from "../../../lib/time-units.ts";
import type { KnownAlert } from "../../../model/alerting/alerter-state.ts";

/**
 * Until when an alert's escalation and reminders wait because its outage is about to end, epoch ms: its newest run counts
 * towards recovery and is younger than two rechecks. They wait for `recoveries` + 1 rechecks in all. Undefined: not now.
 */
export function recoveryHold(
  { newestRun, waitingSince, waitedMs = 0 }: Pick<KnownAlert, "newestRun" | "waitingSince" | "waitedMs">,
  now: number,
): number | undefined {
  if (newestRun === undefined || newestRun.failed) return undefined;
  const { at, recheckMs, recoveries } = newestRun;
  const spentMs = waitedMs + (waitingSince === undefined ? 0 : now - waitingSince);
  const until = Math.min(at + 2 * recheckMs, now + (recoveries + 1) * recheckMs - spentMs);
  return until > now ? until : undefined;
}

/** An alarm that brings a run may come late; then the next cron brings it, a minute later at most. */
const LATE_WAKE_MS = MINUTE_MS;

/**
 * Until when an escalation that was due at `dueAt` waits for a run that shows that the alert still fires, epoch ms: one
 * that began by then and has failed. A good one holds it up until the next. A Monitor that sends no more runs does so for
 * a recheck, a deadline and a late wake; good runs do so for as many rechecks as end an outage. Undefined: it waits no longer.
 */
export function escalationHold(
  { newestRun }: Pick<KnownAlert, "newestRun">,
  dueAt: number,
  now: number,
): number | undefined {
  if (newestRun === undefined) return undefined;
  const { at, failed, recheckMs, timeoutMs, recoveries } = newestRun;
  if (failed && at >= dueAt) return undefined;
  const silentUntil = dueAt + recheckMs + timeoutMs + LATE_WAKE_MS;
  const goodUntil = Math.min(at + 2 * recheckMs, dueAt + (recoveries + 1) * recheckMs + timeoutMs) + LATE_WAKE_MS;
  const until = failed ? silentUntil : Math.max(silentUntil, goodUntil);
  return now < until ? until : undefined;
}
