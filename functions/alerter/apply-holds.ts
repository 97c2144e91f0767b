import { notificationLogKey } from "../model/alerting/alerter-state.ts";
import type { Decision } from "../notify/policy/decide.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";

/** Ends the acknowledgements that newer critical alerts have ended; a new one is told again. Memory only. */
export function endAcknowledgements(head: AlerterHead, { unacknowledged }: Pick<Decision, "unacknowledged">): void {
  if (unacknowledged.length === 0) return;
  for (const key of unacknowledged) head.acknowledgements.delete(key);
  const ended = new Set(unacknowledged);
  for (const entry of [...head.notificationLog.all.values()])
    if (entry.acknowledged && ended.has(entry.alertKey))
      head.notificationLog.set(notificationLogKey(entry.endpointKey, entry.alertKey), {
        ...entry,
        acknowledged: false,
      });
}

/** Keeps account of how long escalations and reminders have waited for alerts to recover. Memory only. */
export function countHolds(head: AlerterHead, { recovering }: Pick<Decision, "recovering">, now: number): void {
  for (const [key, alert] of [...head.alerts.all]) {
    const { waitingSince, waitedMs = 0, ...rest } = alert;
    const isWaiting = recovering.has(key);
    if (isWaiting === (waitingSince !== undefined)) continue;
    head.putAlert(
      waitingSince === undefined
        ? { ...alert, waitingSince: now }
        : { ...rest, waitedMs: waitedMs + (now - waitingSince) },
    );
  }
}
