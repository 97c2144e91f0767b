import type { Config } from "../../model/config.ts";
import type { ProbeStateStore } from "../../store/probe-state-store.ts";

/**
 * Forgets what belongs to a target's origins and not to its name, if the target has moved: its token, and what its servers
 * offer.
 */
export function forgetMovedTokens(memories: Pick<ProbeStateStore, "get" | "set">, targets: Config["targets"]): void {
  for (const { name, casUrl, transportUrl } of targets) {
    const origins = `${new URL(casUrl).origin} ${new URL(transportUrl).origin}`;
    const { token: _, offers: __, ...memory } = memories.get(name);
    if (memory.origins !== origins) memories.set(name, { ...memory, origins });
  }
}
