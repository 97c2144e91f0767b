import { isUnreachable } from "./failure.ts";
import type { TargetMemory } from "./memory.ts";
import type { Sample } from "./sample.ts";

/** Whether a target offers what a probe needs, as far as known. Only an `unimplemented` answer proves `not offered`. */
export type Offer = "unasked" | "offered" | "not offered";

/** What a target's memory says about a kind of probe. */
export function offerOf({ offers }: Pick<TargetMemory, "offers">, kind: string): Offer {
  const known = offers?.[kind];
  if (known === undefined) return "unasked";
  return known ? "offered" : "not offered";
}

/**
 * What the samples of one target and attempt add to its known offers; undefined if nothing. If vantages disagree, one
 * good answer outweighs any number of `unimplemented` ones.
 */
export function newOffers(
  { offers }: Pick<TargetMemory, "offers">,
  samples: readonly Pick<Sample, "probe" | "outcome" | "failure">[],
): Record<string, boolean> | undefined {
  const seen = new Map<string, boolean>();
  for (const sample of samples) {
    const shown = shows(sample);
    if (shown !== undefined) seen.set(sample.probe, shown || seen.get(sample.probe) === true);
  }
  const added = [...seen].filter(([probe, shown]) => offers?.[probe] !== shown);
  return added.length === 0 ? undefined : Object.fromEntries(added);
}

/** What a sample proves about its kind. An unreachable server or a fault of the prober proves nothing. */
function shows({ outcome, failure }: Pick<Sample, "outcome" | "failure">): boolean | undefined {
  switch (outcome) {
    case "ok":
    case "degraded":
      return true;
    case "failed":
      return failure === undefined || isUnreachable(failure) || !failure.answered || failure.reason === "internal"
        ? undefined
        : true;
    case "skipped":
      return failure?.reason === "rpc_unimplemented" ? false : undefined;
    case "blocked":
      return undefined;
  }
}
