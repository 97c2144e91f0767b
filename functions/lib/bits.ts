/** Number of bits in a ring. */
export const RING_BITS = 16;

const MASK = 2 ** RING_BITS - 1;

/** The ring with one more bit, newest in bit 0. The oldest is dropped. */
export const pushBit = (ring: number, bit: boolean): number => ((ring << 1) | (bit ? 1 : 0)) & MASK;

/** How many of the newest `among` bits are 1. */
export function countOnes(ring: number, among: number): number {
  if (!(among >= 0 && among <= RING_BITS)) {
    throw new RangeError(`Cannot look ${among} bits back: a ring keeps ${RING_BITS}`);
  }
  let ones = 0;
  for (let i = 0; i < among; i++) ones += (ring >> i) & 1;
  return ones;
}

/** Number of consecutive 0 bits from the newest on, among the `length` bits in use. */
export function zerosInRow(ring: number, length: number): number {
  let zeros = 0;
  while (zeros < length && ((ring >> zeros) & 1) === 0) zeros++;
  return zeros;
}
