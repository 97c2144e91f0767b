import type { Config } from "../model/config.ts";
import type { MemoryShelf } from "../store/memory-shelf.ts";

/** Forgets the tokens of targets that have moved: a token is for the origins that it was handed out for, not for a name. */
export function forgetMovedTokens(memories: Pick<MemoryShelf, "get" | "set">, targets: Config["targets"]): void {
  for (const { name, casUrl, transportUrl } of targets) {
    const origins = `${new URL(casUrl).origin} ${new URL(transportUrl).origin}`;
    const { token: _, ...memory } = memories.get(name);
    if (memory.origins !== origins) memories.set(name, { ...memory, origins });
  }
}
