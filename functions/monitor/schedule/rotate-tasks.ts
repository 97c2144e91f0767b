import { rotated } from "../../lib/rotation.ts";

/** Inputs that decide which target's tasks start first in a slot. */
export interface StartFacts {
  /** Start of the slot, epoch ms. */
  slot: number;
  gridMs: number;
  /** Names of all targets that the Monitor watches, due or not, in a stable order. */
  targets: readonly string[];
  /** Whether the target had no result the last time, since the prober had no room for it or was at fault. */
  hasGap?: (target: string) => boolean;
}

/**
 * Puts tasks into the order in which they start. The order rotates from slot to slot, so that no target is always last;
 * targets with a gap go before the others, so that where half of them find room each is asked at least every other slot.
 * Among those with a gap the order rotates as well: a task that never ends in time cannot keep the others out for ever.
 * All tasks of a target stay together, in the order given. Pure.
 */
export function rotateTasks<T>(tasks: readonly T[], targetOf: (task: T) => string, facts: StartFacts): T[] {
  const { slot, gridMs, targets, hasGap = () => false } = facts;
  const place = new Map(rotated(targets, Math.floor(slot / gridMs)).map((name, i) => [name, i]));
  return [...Map.groupBy(tasks, targetOf)]
    .map(([target, own]) => ({ own, rank: (place.get(target) ?? 0) - (hasGap(target) ? targets.length : 0) }))
    .sort((a, b) => a.rank - b.rank)
    .flatMap(({ own }) => own);
}
