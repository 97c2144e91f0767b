import { notificationGroupKey, type OutboxRow } from "../../model/alerting/alerter-state.ts";
import { isOpen, OPEN_AFTER } from "../delivery/retry.ts";
import type { DecideInput } from "./decide-input.ts";
import { EMPTY_LEDGER, type Ledger } from "./ledger.ts";

/** Whether a message about the alert gets through to the endpoint, as far as is known. */
export type GetsThrough = (endpointKey: string, alertKey: string) => boolean;

/**
 * Works out whether messages about an alert get through to an endpoint. Only an accepted message proves it: one of which
 * nobody knows counts for nothing, so failover does not rely on it. `ledgers` are by endpoint.
 */
export function getsThrough(
  { endpoints, notificationGroups }: Pick<DecideInput, "endpoints" | "notificationGroups">,
  ledgers: ReadonlyMap<string, Ledger>,
): GetsThrough {
  const onTheWay = new Map<string, Map<string, OutboxRow>>();
  for (const [name, { queued }] of ledgers)
    onTheWay.set(name, new Map(queued.flatMap((row) => row.firing.map((key) => [key, row] as const))));
  return (endpointKey, alertKey) => {
    const entry = (ledgers.get(endpointKey) ?? EMPTY_LEDGER).entryOf.get(alertKey);
    const row = onTheWay.get(endpointKey)?.get(alertKey);
    // Decided on, and nothing is on its way: it has arrived, or it was given up or withdrawn.
    if (entry !== undefined && row === undefined) return entry.confirmed;
    const endpoint = endpoints.get(endpointKey);
    if (endpoint !== undefined && isOpen(endpoint)) return false;
    if (entry === undefined || row === undefined || entry.confirmed) return true;
    // The endpoint may take others and never this one.
    const failures = row.tries - (row.trying ? 1 : 0);
    const wasGivenUp =
      notificationGroups.get(notificationGroupKey(endpointKey, entry.groupKey))?.failedAt !== undefined;
    return failures < OPEN_AFTER && !wasGivenUp;
  };
}
