import fc from "fast-check";
import { expect, test } from "vitest";
import { rotated } from "../../functions/lib/rotation.ts";

const round = fc.record({
  size: fc.integer({ min: 1, max: 200 }),
  /** A slot's number, as real as today's. */
  from: fc.integer({ min: 20_000_000, max: 200_000_000 }),
  /** Every slot, or every second, sixth or sixtieth one. */
  stride: fc.constantFrom(1, 2, 3, 5, 6, 10, 12, 30, 60, 360),
});
const items = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

test("a round keeps all items, and their neighbours", () => {
  fc.assert(
    fc.property(round, ({ size, from }) => {
      const turned = rotated(items(size), from);
      expect(turned.toSorted((a, b) => a - b)).toEqual(items(size));
      for (const [i, item] of turned.entries()) expect(turned[(i + 1) % size]).toBe((item + 1) % size);
    }),
  );
});

test("each item comes first about equally often, whichever slots are looked at", () => {
  fc.assert(
    fc.property(round, ({ size, from, stride }) => {
      const counts = new Array<number>(size).fill(0);
      for (let i = 0; i < 40 * size; i++) {
        const [first = 0] = rotated(items(size), from + i * stride);
        counts[first] = (counts[first] as number) + 1;
      }
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(20);
      expect(Math.max(...counts)).toBeLessThanOrEqual(60);
    }),
    { numRuns: 40 },
  );
});
