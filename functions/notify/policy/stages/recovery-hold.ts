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

/**
 * Until when an escalation that was due at `dueAt` waits for a run that shows that the alert still fires, epoch ms: one
 * that began by then has failed, or one recheck and one deadline have passed. Undefined: it waits no longer.
 */
export function escalationHold(alert: KnownAlert, dueAt: number, now: number): number | undefined {
  const { newestRun } = alert;
  if (newestRun === undefined) return undefined;
  const recovering = recoveryHold(alert, now);
  if (recovering !== undefined) return recovering;
  if (newestRun.failed && newestRun.at >= dueAt) return undefined;
  const until = dueAt + newestRun.recheckMs + newestRun.timeoutMs;
  return now < until ? until : undefined;
}
