import { getOrInsert } from "../../lib/get-or-insert.ts";

/** Answers whether an alert has no more than one endpoint that knows of it or shall know. */
export type IsSole = (alertKey: string) => boolean;

/**
 * Counts the endpoints of each alert, when first asked. `wanted`: by endpoint, the keys of the alerts it shall know of;
 * `told`: those it was told of.
 */
export function soleAudience(
  wanted: ReadonlyMap<string, ReadonlyMap<string, unknown>>,
  told: Iterable<{ endpointKey: string; alertKey: string }>,
): IsSole {
  let audience: Map<string, Set<string>> | undefined;
  const count = (): Map<string, Set<string>> => {
    const endpoints = new Map<string, Set<string>>();
    const add = (alertKey: string, endpointKey: string) =>
      getOrInsert(endpoints, alertKey, () => new Set<string>()).add(endpointKey);
    for (const [endpointKey, keys] of wanted) for (const key of keys.keys()) add(key, endpointKey);
    for (const { alertKey, endpointKey } of told) add(alertKey, endpointKey);
    return endpoints;
  };
  return (alertKey) => {
    audience ??= count();
    return (audience.get(alertKey)?.size ?? 0) <= 1;
  };
}
