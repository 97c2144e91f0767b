/** Takes one measurement; the unit is the caller's. */
export type Contender = () => Promise<number>;

/**
 * Measures contenders in turn, round after round, so that what disturbs the machine disturbs all of them, and answers
 * with the median of each. One round before is thrown away. The order is turned with each round.
 */
export async function medians<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[];
  const taken = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++)
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length] as Name;
      const value = await contenders[name]();
      if (round > 0) taken.get(name)?.push(value);
    }
  return Object.fromEntries(names.map((name) => [name, median(taken.get(name) ?? [])])) as Record<Name, number>;
}

/** The middle value; of an even number of them the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
