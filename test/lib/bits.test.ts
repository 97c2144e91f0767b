import fc from "fast-check";
import { expect, it } from "vitest";
import { countOnes, pushBit, RING_BITS, zerosInRow } from "../../functions/lib/bits.ts";

it("keeps the newest sixteen bits, newest first", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 40 }), fc.nat(RING_BITS), (bits, among) => {
      const ring = bits.reduce(pushBit, 0);
      const length = Math.min(bits.length, RING_BITS);
      expect(countOnes(ring, among)).toBe(among === 0 ? 0 : bits.slice(-among).filter(Boolean).length);
      expect(zerosInRow(ring, length)).toBe(Math.min(length, bits.toReversed().concat(true).indexOf(true)));
      expect(ring).toBeLessThan(2 ** RING_BITS);
    }),
  );
});

it("refuses to look further back than it keeps", () => {
  expect(() => countOnes(0, 17)).toThrow(RangeError);
  expect(() => countOnes(0, Number.NaN)).toThrow(RangeError);
});
