import { rotated } from "../../lib/rotation.ts";
import { CONNECTIONS } from "../../model/probing/placement.ts";

/** Inputs that decide which target's tasks start first in a slot. */
export interface StartFacts {
  /** Start of the slot, epoch ms. */
  slot: number;
  gridMs: number;
  /** Names of all targets that the Monitor watches, due or not, in a stable order. */
  targets: readonly string[];
  /** Whether the target had no result the last time, since the prober had no room for it or was at fault. */
  hasGap?: (target: string) => boolean;
  /** Whether a run of the target took its whole deadline the last time, or nobody knows how long one takes. */
  isSlow?: (target: string) => boolean;
}

/** Of those that may take a whole deadline, as many go first as leave half of a lane's connections to the others. */
const SLOW_FIRST = CONNECTIONS / 2;

/**
 * Puts tasks into the order in which they start. The order rotates from slot to slot, so that no target is always last;
 * targets with a gap go before the others, so that where half of them find room each is asked at least every other slot.
 * Among those with a gap the order rotates as well: a task that never ends in time cannot keep the others out for ever.
 * Where some had no room, those that may take their whole deadline go last, but for a few that have waited: so however
 * many hang, those that answer are asked. All tasks of a target stay together, in the order given. Pure.
 */
export function rotateTasks<T>(tasks: readonly T[], targetOf: (task: T) => string, facts: StartFacts): T[] {
  const { slot, gridMs, targets, hasGap = () => false, isSlow = () => false } = facts;
  const place = new Map(rotated(targets, Math.floor(slot / gridMs)).map((name, i) => [name, i]));
  const all = [...Map.groupBy(tasks, targetOf)]
    .map(([target, own]) => ({ target, own, hasGap: hasGap(target), place: place.get(target) ?? 0 }))
    .sort((a, b) => Number(b.hasGap) - Number(a.hasGap) || a.place - b.place);
  if (all[0]?.hasGap !== true) return all.flatMap(({ own }) => own);
  const slow = all.filter(({ target }) => isSlow(target));
  const first = slow.filter((one) => one.hasGap).slice(0, SLOW_FIRST);
  const isLast = new Set(slow.filter((one) => !first.includes(one)));
  const others = all.filter((one) => !isLast.has(one) && !first.includes(one));
  return [...first, ...others, ...isLast].flatMap(({ own }) => own);
}
