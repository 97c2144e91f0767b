import fc from "fast-check";
import { expect, test } from "vitest";
import { packedSize, packNumbers, unpackNumbers } from "../../functions/lib/number-pack.ts";

const number = fc.oneof(
  fc.nat({ max: 300 }),
  fc.maxSafeNat(),
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, 125, 126, 127, 2 ** 31 - 3, 2 ** 31 - 2, 2 ** 31, 2 ** 49 - 1, 2 ** 49, Number.NaN, -0),
);
const numbers = fc.array(fc.array(number, { maxLength: 20 }), { maxLength: 4 });

test("numbers come back as they were, but for the sign of zero", () => {
  fc.assert(
    fc.property(numbers, fc.nat({ max: 9 }), (lists, headBytes) => {
      const parts = lists.map((list) => Float64Array.from(list));
      const packed = packNumbers(parts, headBytes);
      const all = lists.flat();
      expect(packed.length).toBe(headBytes + parts.reduce((sum, part) => sum + packedSize(part), 0));
      const back = unpackNumbers(packed, headBytes, all.length);
      expect([...(back ?? [])]).toEqual(all.map((value) => value + 0));
      expect(unpackNumbers(packed, headBytes, all.length + 1)).toBeUndefined();
      if (all.length > 0) {
        expect(unpackNumbers(packed, headBytes, all.length - 1)).toBeUndefined();
        expect(unpackNumbers(packed.subarray(0, -1), headBytes, all.length)).toBeUndefined();
      }
    }),
  );
});

test("small counts take one byte", () => {
  expect(packNumbers([Float64Array.of(0, 1, 125, Number.NaN)], 0).length).toBe(4);
  expect(packedSize(Float64Array.of(126, 0.5, -1))).toBe(2 + 9 + 9);
});

test("bytes that nobody packed are refused or read as numbers, and never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), (bytes, count) => {
      const back = unpackNumbers(bytes, 0, count);
      if (back !== undefined) expect(back.length).toBe(count);
    }),
  );
});
