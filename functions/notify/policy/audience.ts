import { getOrInsert } from "../../lib/get-or-insert.ts";

/** Answers whether an alert has at most one endpoint that was or will be notified. */
export type IsSole = (alertKey: string) => boolean;

/**
 * Counts the endpoints of each alert, on the first call. `wanted`: by endpoint, the keys of the alerts it should be
 * notified of. `notified`: the alerts that endpoints were notified of.
 */
export function soleAudience(
  wanted: ReadonlyMap<string, ReadonlyMap<string, unknown>>,
  notified: Iterable<{ endpointKey: string; alertKey: string }>,
): IsSole {
  let audience: Map<string, Set<string>> | undefined;
  const count = (): Map<string, Set<string>> => {
    const endpoints = new Map<string, Set<string>>();
    const add = (alertKey: string, endpointKey: string) =>
      getOrInsert(endpoints, alertKey, () => new Set<string>()).add(endpointKey);
    for (const [endpointKey, keys] of wanted) for (const key of keys.keys()) add(key, endpointKey);
    for (const { alertKey, endpointKey } of notified) add(alertKey, endpointKey);
    return endpoints;
  };
  return (alertKey) => {
    audience ??= count();
    return (audience.get(alertKey)?.size ?? 0) <= 1;
  };
}
