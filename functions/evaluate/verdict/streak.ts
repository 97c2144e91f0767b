import { countOnes, pushBit, RING_BITS, zerosInRow } from "../../lib/bits.ts";
import type { Thresholds } from "../../model/probing/target.ts";

/** The last evaluations of something: newest in bit 0, 1 = bad. */
export interface Streak {
  ring: number;
  /** How many bits of `ring` are real. */
  ringLength: number;
}

/** The streak with one more evaluation. Nothing but this changes a streak: missed slots do not, nor does time. */
export const evaluated = ({ ring, ringLength }: Streak, bad: boolean): Streak => ({
  ring: pushBit(ring, bad),
  ringLength: Math.min(ringLength + 1, RING_BITS),
});

/** Bad evaluations among the last `outOf`. */
export const badCount = ({ ring }: Streak, { outOf }: Thresholds): number => countOnes(ring, outOf);

/** Good evaluations in a row, up to the newest. */
export const goodInRow = ({ ring, ringLength }: Streak): number => zerosInRow(ring, ringLength);

/** Whether the newest evaluation is bad and completes the failures that are needed. */
export const begins = (streak: Streak, thresholds: Thresholds): boolean =>
  (streak.ring & 1) === 1 && badCount(streak, thresholds) >= thresholds.failures;

/** Whether there are as many good evaluations in a row as recovery needs. */
export const ends = (streak: Streak, { recoveries }: Thresholds): boolean => goodInRow(streak) >= recoveries;

/** Whether the newest evaluation is bad and the one before was not. */
export const isFirstBad = ({ ring }: Streak): boolean => (ring & 3) === 1;

/** The streak without its bad evaluations: what ended does not count towards the next beginning. */
export const cleared = (streak: Streak): Streak => ({ ...streak, ring: 0 });
