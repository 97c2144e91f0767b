import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonical, digest } from "../../../functions/config/hash.ts";
import { shuffled } from "./shuffled.ts";

describe("digest", () => {
  // Test vectors published with FNV-1a, 64 bits.
  it.each([
    ["", "cbf29ce484222325"],
    ["a", "af63dc4c8601ec8c"],
    ["foobar", "85944171f73967e8"],
  ])("of %j", (text, hash) => expect(digest(text)).toBe(hash));
});

describe("canonical text", () => {
  it("does not see the order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.infiniteStream(fc.nat(99)), (value, numbers) => {
        expect(canonical(shuffled(value, numbers))).toBe(canonical(value));
      }),
    );
  });

  it("says all that JSON says", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("sees the order of lists", () => expect(canonical([1, 2])).not.toBe(canonical([2, 1])));

  it.each([[new Date(0)], [1n], [Number.NaN], [new Map()], [() => 1], [undefined]])("refuses %s", (value) =>
    expect(() => canonical({ value: [value] })).toThrow(TypeError),
  );
});
