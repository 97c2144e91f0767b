import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../../functions/lib/hex.ts";
import { canaryContent } from "../../../functions/probe/zako/canary-content.ts";

const inputs = fc.tuple(
  fc.string(),
  fc.string(),
  fc.constantFrom("transport.upload", "transport.journey"),
  fc.nat(1e7),
  fc.integer({ min: 64, max: 5_000 }),
);

it("gives equal inputs equal bytes, of the size asked for", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const content = canaryContent(...input);
      expect(content.byteLength).toBe(input[4]);
      expect(canaryContent(...input)).toEqual(content);
    }),
  );
});

it("gives different inputs different bytes, however they are cut into names", () => {
  fc.assert(
    fc.property(inputs, inputs, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(toHex(canaryContent(...one))).not.toBe(toHex(canaryContent(...other)));
    }),
  );
  expect(canaryContent("ab", "c", "p", 1, 64)).not.toEqual(canaryContent("a", "bc", "p", 1, 64));
});

it("shares no bytes between the periods of years", () => {
  const seen = new Set<string>();
  for (let period = 0; period < 20_000; period++)
    seen.add(toHex(canaryContent("main", "t", "p", period, 64).subarray(0, 16)));
  expect(seen.size).toBe(20_000);
});

it("looks random: every byte about as often", () => {
  const counts = new Array<number>(256).fill(0);
  for (const byte of canaryContent("main", "t", "p", 1, 256 * 400)) counts[byte] = (counts[byte] ?? 0) + 1;
  for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(120);
});

// A canary is read back years later: its bytes may never change.
it("keeps its bytes from version to version", () => {
  expect(toHex(canaryContent("main", "cas-eu", "transport.upload", 2_970_000, 64))).toMatchInlineSnapshot(
    `"d7522d1120133bc9b7633ab6d8d158626f1a8238862e67ce8dc23c9e914900931e3ae04978a17241f059ab70340ec4f84a5a97b15ac1ca1baa7f5b0d06dd47fd"`,
  );
});
