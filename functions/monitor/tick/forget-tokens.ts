import type { Config } from "../../model/config.ts";
import { casAccess, routeKey, transportAccess } from "../../model/origin-access.ts";
import type { ProbeStateStore } from "../../store/probe-state-store.ts";

/**
 * Forgets what belongs to a target's origins and not to its name, if the target has moved: its token, and what its servers
 * offer.
 */
export function forgetMovedTokens(memories: Pick<ProbeStateStore, "get" | "set">, targets: Config["targets"]): void {
  for (const target of targets) {
    const origins = `${routeKey(casAccess(target))} ${routeKey(transportAccess(target))}`;
    const { token: _, offers: __, ...memory } = memories.get(target.name);
    if (memory.origins !== origins) memories.set(target.name, { ...memory, origins });
  }
}
