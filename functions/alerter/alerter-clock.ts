import { MAX_RETRY_AFTER_MS } from "../notify/delivery/retry.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";

/**
 * Moves times that are in the future back to now. They were written before the clock was set back, and waits that count
 * from them would take too long.
 */
export function rebase(head: AlerterHead, now: number): void {
  for (const [key, alert] of [...head.alerts.all]) {
    const { receivedAt, notifiedAt = 0, resolvedAt = 0, endReceivedAt = 0, waitingSince = 0 } = alert;
    if (Math.max(receivedAt, notifiedAt, resolvedAt, endReceivedAt, waitingSince) <= now) continue;
    head.alerts.set(key, {
      ...alert,
      receivedAt: Math.min(receivedAt, now),
      ...(alert.notifiedAt === undefined ? {} : { notifiedAt: Math.min(notifiedAt, now) }),
      ...(alert.resolvedAt === undefined ? {} : { resolvedAt: Math.min(resolvedAt, now) }),
      ...(alert.endReceivedAt === undefined ? {} : { endReceivedAt: Math.min(endReceivedAt, now) }),
      ...(alert.waitingSince === undefined ? {} : { waitingSince: Math.min(waitingSince, now) }),
    });
  }
  // `openedAt` stays: receivers know the group by it.
  for (const [key, notificationGroup] of [...head.notificationGroups.all]) {
    const { sentAt, failedAt } = notificationGroup;
    if (Math.max(sentAt, failedAt ?? 0) <= now) continue;
    const failed = failedAt === undefined ? {} : { failedAt: Math.min(failedAt, now) };
    head.notificationGroups.set(key, { ...notificationGroup, sentAt: Math.min(sentAt, now), ...failed });
  }
  for (const [key, endpoint] of [...head.endpoints.all]) {
    const { retryAt, failedAt } = endpoint;
    if (retryAt > now + MAX_RETRY_AFTER_MS) head.endpoints.set(key, { ...endpoint, retryAt: now });
    else if (failedAt !== undefined && failedAt > now) head.endpoints.set(key, { ...endpoint, failedAt: now });
  }
  for (const [key, row] of [...head.outbox.all]) {
    const tried = row.triedAt === undefined ? {} : { triedAt: Math.min(row.triedAt, now) };
    if (Math.max(row.createdAt, row.triedAt ?? 0) > now)
      head.outbox.set(key, { ...row, ...tried, createdAt: Math.min(row.createdAt, now) });
  }
  for (const [key, shard] of [...head.shards.all])
    if (shard.lastSeenAt > now) head.shards.set(key, { ...shard, lastSeenAt: now });
}
