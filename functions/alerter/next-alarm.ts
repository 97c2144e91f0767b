import { MINUTE_MS } from "../lib/time-units.ts";
import { readyAt } from "../notify/delivery/retry.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";

/** The alarm never comes sooner than this for a decision, whatever a bug may say; messages that can go go at once. */
const SOONEST_MS = 250;

/** What the next alarm depends on besides the outbox. Epoch ms. */
interface AlarmCase {
  /** When what must happen each minute was done last. */
  wokenAt: number | undefined;
  /** When to decide again. */
  decideAt: number | undefined;
  /** Whether the try of a message is under way. */
  isFlying: (id: string) => boolean;
  now: number;
}

/**
 * When the alarm comes, epoch ms: for whatever is next, and within a minute of the last in any case: where no cron comes,
 * it is the only waker. Counted from the last change, reports that come often would put it off for ever.
 */
export function nextAlarm(head: AlerterHead, { wokenAt, decideAt, isFlying, now }: AlarmCase): number {
  const latest = wokenAt === undefined ? now : Math.min(wokenAt, now) + MINUTE_MS;
  let at = Math.min(latest, Math.max(decideAt ?? now, now + SOONEST_MS));
  for (const row of head.outbox.all.values()) {
    const endpoint = head.endpoints.get(row.endpointKey);
    if (!isFlying(row.message.id)) at = Math.min(at, endpoint === undefined ? now : readyAt(row, endpoint));
  }
  // Never for this very moment: an alarm that is set for now by an alarm may sleep for long.
  return Math.max(at, now + 1);
}
