import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "../../functions/lib/byte-reader.ts";
import { ByteWriter } from "../../functions/lib/byte-writer.ts";

const edges = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 49, Number.MAX_SAFE_INTEGER];
const unsigned = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());
const signed = fc.oneof(fc.constantFrom(0, -1, 1, -64, 64, 1 - 2 ** 52, 2 ** 52 - 1), fc.integer());
const text = fc.oneof(fc.constant("\u{feff}bom"), fc.string({ unit: "grapheme" }));
const item = fc.oneof(
  unsigned.map((value) => ({ kind: "unsigned" as const, value })),
  signed.map((value) => ({ kind: "signed" as const, value })),
  text.map((value) => ({ kind: "text" as const, value })),
);

test("what is written is read, to the last byte", () => {
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const writer = new ByteWriter();
      for (const { kind, value } of items) {
        if (kind === "text") writer.text(value);
        else writer[kind](value);
      }
      const reader = new ByteReader(writer.view());
      expect(items.map(({ kind }) => reader[kind]())).toEqual(items.map(({ value }) => value));
      expect([reader.left, reader.broken]).toEqual([0, false]);
      reader.byte();
      expect([reader.left, reader.broken]).toEqual([0, true]);
    }),
  );
});

test("arbitrary bytes end in `broken`, never in a throw, and stay broken", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom("byte", "unsigned", "signed", "text")),
      (bytes, reads) => {
        const reader = new ByteReader(bytes);
        let broken = false;
        for (const read of reads) {
          const value = reader[read]();
          expect(typeof value === "string" || Number.isSafeInteger(value)).toBe(true);
          expect(broken && !reader.broken).toBe(false);
          broken = reader.broken;
          if (broken) expect(["", 0, -0]).toContain(value);
        }
      },
    ),
  );
});

test.each([
  ["a varint of nine bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]],
  ["a varint beyond 2^53", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ["a varint that never ends", [0x80]],
])("%s is broken", (_, bytes) => {
  const reader = new ByteReader(Uint8Array.from(bytes));
  reader.unsigned();
  expect(reader.broken).toBe(true);
});

test("text that is not UTF-8 is broken", () => {
  const reader = new ByteReader(Uint8Array.of(1, 0xff));
  expect(reader.text()).toBe("");
  expect(reader.broken).toBe(true);
});

test.each([-1, 0.5, Number.NaN, 2 ** 53])("%s is not an unsigned number", (value) => {
  expect(() => new ByteWriter().unsigned(value)).toThrow(RangeError);
});
