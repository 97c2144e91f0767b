import {
  ALERTER_SHARD,
  endpointKeyOf,
  type KnownAlert,
  type NotificationLogEntry,
  notificationGroupKey,
} from "../model/alerting/alerter-state.ts";
import { matcherProblem } from "../model/alerting/parse-matchers.ts";
import { incidentIdOf } from "../notify/policy/incidents.ts";
import { silenceEnd } from "../notify/policy/windows/silence-state.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import type { AlerterConfig } from "./alerter-ports.ts";
import { deadLetter } from "./apply-decision.ts";

/** Repairs references to lost rows, right after the head was loaded. Changes memory only. */
export function repairState(head: AlerterHead, { receivers }: Pick<AlerterConfig, "receivers">, now: number): void {
  repairShards(head, now);
  const known = new Map(
    receivers.flatMap(({ name, endpoints }) =>
      endpoints.map((endpoint, index) => [endpointKeyOf(name, endpoint), { receiver: name, index, endpoint }] as const),
    ),
  );
  const isThere = (key: string): boolean => {
    const to = known.get(key);
    if (head.endpoints.get(key) === undefined && to !== undefined)
      head.endpoints.set(key, { ...to, failures: 0, retryAt: 0 });
    return head.endpoints.get(key) !== undefined;
  };
  for (const row of [...head.outbox.all.values()]) {
    if (isThere(row.endpointKey)) continue;
    head.outbox.delete(row.message.id);
    deadLetter(head, row, "", { reason: "internal", why: "its endpoint was lost" }, now);
  }
  for (const [key, { endpointKey }] of [...head.notificationLog.all])
    if (!isThere(endpointKey)) head.notificationLog.delete(key);
}

/**
 * Expires silences with invalid stored matchers: an earlier version accepted them, and matching them against an alert would
 * make every decision throw. Returns what to log. Changes memory only.
 */
export function expireUnusable(head: AlerterHead, now: number): { silence: string; why: string }[] {
  const expired: { silence: string; why: string }[] = [];
  for (const [id, silence] of [...head.silences.all]) {
    if (silence.expiredReason !== undefined) continue;
    const why = silence.matchers.map(matcherProblem).find((problem) => problem !== undefined);
    if (why === undefined) continue;
    head.silences.set(id, { ...silence, expiredAt: Math.min(silenceEnd(silence), now), expiredReason: why });
    expired.push({ silence: id, why });
  }
  return expired;
}

/** Expects reports from exactly the shards of the configuration. */
function repairShards(head: AlerterHead, now: number): void {
  const { number = 0, shards = 0 } = head.generation ?? {};
  for (const key of [...head.shards.all.keys()]) if (Number(key) >= shards) head.shards.delete(key);
  for (let shard = 0; shard < shards; shard++)
    if (head.shards.get(String(shard)) === undefined)
      head.shards.set(String(shard), { generation: number, sequence: 0, lastSeenAt: now, missedWakes: 0 });
}

/**
 * Resolves notified alerts whose rows were lost, once every Monitor has reported since `loadedAt` without bringing them
 * back. Returns whether all have reported. Changes memory only.
 */
export function endLost(head: AlerterHead, loadedAt: number, now: number): boolean {
  for (const { sequence, lastSeenAt } of head.shards.all.values())
    if (sequence === 0 || lastSeenAt <= loadedAt) return false;
  for (const entry of [...head.notificationLog.all.values()])
    if (head.alerts.get(entry.alertKey) === undefined) head.putAlert(lostAlert(head, entry, now));
  for (const key of [...head.acknowledgements.all.keys()])
    if (head.alerts.get(key) === undefined) head.acknowledgements.delete(key);
  const open = new Set([...head.alerts.all.values()].map(incidentIdOf));
  for (const before of [...head.incidents.all.values()]) {
    if (before.closedAt !== undefined || open.has(before.id)) continue;
    const incident = { ...before, closedAt: Math.max(now, before.openedAt), why: "removed" as const };
    head.incidents.set(incident.id, incident);
    if (incident.state === "down") head.notes.set(incident.id, { kind: "incident", incident });
  }
  return true;
}

/** The remains of a lost alert: its key, and the labels of its notification group. */
function lostAlert(
  head: AlerterHead,
  { alertKey, endpointKey, groupKey }: NotificationLogEntry,
  now: number,
): KnownAlert {
  const at = alertKey.lastIndexOf("@");
  const startsAt = Number(alertKey.slice(at + 1));
  return {
    fingerprint: alertKey.slice(0, at),
    labels: head.notificationGroups.get(notificationGroupKey(endpointKey, groupKey))?.groupLabels ?? {},
    annotations: {},
    startsAt,
    shard: ALERTER_SHARD,
    receivedAt: now,
    resolvedAt: Math.max(now, startsAt),
    why: "removed",
  };
}
