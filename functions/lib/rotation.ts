/** The golden section: as a step around a circle it visits all places evenly, however it is sampled. */
const STEP = (Math.sqrt(5) - 1) / 2;

/**
 * Start of a round for a number, as a share in [0, 1). A stable function of the number: over many numbers, every place comes
 * first about equally often, also over every second or sixth number.
 */
const beginningOf = (number: number): number => (number * STEP) % 1;

/** The items, rotated to the start for this number. */
export function rotated<T>(items: readonly T[], number: number): T[] {
  const first = Math.floor(beginningOf(number) * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
