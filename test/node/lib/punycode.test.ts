import { domainToASCII, domainToUnicode } from "node:url";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodePunycode } from "../../../functions/lib/punycode.ts";

it.each([
  ["bcher-kva", "bücher"],
  ["80ak6aa92e", "аррӏе"],
  ["ls8h", "💩"],
  ["fiqs8s", "中国"],
  ["-", ""],
  ["abc-", "abc"],
  ["", ""],
])("%s is %s", (label, text) => expect(decodePunycode(label)).toBe(text));

it.each(["bcher-kv", "bcher-kva!", "99999999", "zzzzzzzzzzzzzzzzzzzzzzzz", "é"])("%s is none", (label) =>
  expect(decodePunycode(label)).toBeUndefined(),
);

it("reads whatever the platform writes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), (text) => {
      const ascii = domainToASCII(text);
      if (!ascii.startsWith("xn--") || ascii.includes(".")) return;
      expect(decodePunycode(ascii.slice(4))).toBe(domainToUnicode(ascii));
    }),
    { numRuns: 2_000 },
  );
});

it("ends for any text, and never with half a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."abyz019-AZ"), maxLength: 63 }), (label) => {
      expect(decodePunycode(label)?.isWellFormed() ?? true).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});
