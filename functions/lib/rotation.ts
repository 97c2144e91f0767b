/** The golden section: of all steps around a circle it leaves no place unvisited for longest, at whatever stride it is sampled. */
const STEP = (Math.sqrt(5) - 1) / 2;

/**
 * Where a round that starts anew for each number begins, as a share of the round in [0, 1). A stable function of the
 * number: over many numbers every place comes first about equally often, and so it does over every second or sixth one.
 */
const beginningOf = (number: number): number => (number * STEP) % 1;

/** The items, beginning where the round of this number begins. */
export function rotated<T>(items: readonly T[], number: number): T[] {
  const first = Math.floor(beginningOf(number) * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
