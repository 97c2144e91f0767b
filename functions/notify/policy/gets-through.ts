import { type NotificationLogEntry, notificationGroupKey, type OutboxRow } from "../../model/alerting/alerter-state.ts";
import { isOpen, OPEN_AFTER } from "../delivery/retry.ts";
import type { DecideInput } from "./decide-input.ts";
import type { GetsThrough } from "./recipients.ts";

/**
 * Works out whether messages about an alert get through to an endpoint. Only an accepted message proves it: one with
 * an unknown outcome does not count, so failover does not rely on it. `notificationLog` and `queued` are by endpoint.
 */
export function getsThrough(
  { endpoints, notificationGroups }: Pick<DecideInput, "endpoints" | "notificationGroups">,
  notificationLog: ReadonlyMap<string, readonly NotificationLogEntry[]>,
  queued: ReadonlyMap<string, readonly OutboxRow[]>,
): GetsThrough {
  const entries = new Map<string, Map<string, NotificationLogEntry>>();
  const onTheWay = new Map<string, Map<string, OutboxRow>>();
  for (const [name, all] of notificationLog) entries.set(name, new Map(all.map((entry) => [entry.alertKey, entry])));
  for (const [name, rows] of queued)
    onTheWay.set(name, new Map(rows.flatMap((row) => row.firing.map((key) => [key, row] as const))));
  return (endpointKey, alertKey) => {
    const entry = entries.get(endpointKey)?.get(alertKey);
    const row = onTheWay.get(endpointKey)?.get(alertKey);
    // Decided, and not queued: it was delivered, given up or withdrawn.
    if (entry !== undefined && row === undefined) return entry.confirmed;
    const endpoint = endpoints.get(endpointKey);
    if (endpoint !== undefined && isOpen(endpoint)) return false;
    if (entry === undefined || row === undefined || entry.confirmed) return true;
    // The endpoint may accept other messages and never this one.
    const failures = row.tries - (row.trying ? 1 : 0);
    const wasGivenUp =
      notificationGroups.get(notificationGroupKey(endpointKey, entry.groupKey))?.failedAt !== undefined;
    return failures < OPEN_AFTER && !wasGivenUp;
  };
}
