import fc from "fast-check";
import { expect, it } from "vitest";
import { fromHex, toHex } from "../../functions/lib/hex.ts";

it("reads back what it wrote, in either case", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = toHex(bytes);
      expect(text).toMatch(/^[0-9a-f]*$/);
      expect(fromHex(text)).toEqual(bytes);
      expect(fromHex(text.toUpperCase())).toEqual(bytes);
    }),
  );
});

it("refuses what is not hex", () => {
  for (const text of ["0", "0g", " 00", "0x00", "-1"]) expect(() => fromHex(text)).toThrow(RangeError);
});
