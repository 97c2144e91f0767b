import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "../../../functions/config/suggest.ts";

const KEYS = ["interval", "timeout", "degraded_after", "critical", "thresholds"];
const KINDS = ["health", "cas.details", "cas.negotiate", "transport.upload", "transport.download"];

describe("the nearest name", () => {
  it.each([
    ["intervall", KEYS, "interval"],
    ["intreval", KEYS, "interval"],
    ["Interval", KEYS, "interval"],
    ["degradedAfter", KEYS, "degraded_after"],
    ["degraded-after", KEYS, "degraded_after"],
    ["threshold", KEYS, "thresholds"],
    ["upload", KINDS, "transport.upload"],
    ["cas.negotiat", KINDS, "cas.negotiate"],
    ["transport.uplaod", KINDS, "transport.upload"],
    ["details", KINDS, "cas.details"],
    // Two have this part: neither was clearly meant.
    ["transport", KINDS, undefined],
    ["bananas", KEYS, undefined],
    ["", KEYS, undefined],
    ["...", KEYS, undefined],
    ["x", [], undefined],
  ])("to %j among %j is %j", (written, known, name) => expect(nearest(written, known)).toBe(name));

  it("is a known one, whatever is written", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ minLength: 1 })), (written, known) => {
        const name = nearest(written, known);
        return name === undefined || known.includes(name);
      }),
    );
  });

  it("survives one slip of the pen in a long name", () => {
    fc.assert(
      fc.property(fc.constantFrom(...KEYS), fc.nat(), fc.constantFrom("drop", "double", "swap"), (name, n, slip) => {
        const i = n % (name.length - 1);
        const [before, a, b, after] = [name.slice(0, i), name[i], name[i + 1], name.slice(i + 2)];
        const middle = { drop: b, double: `${a}${a}${b}`, swap: `${b}${a}` }[slip];
        return nearest(`${before}${middle}${after}`, KEYS) === name;
      }),
    );
  });

  it("gives up on what nobody would type, in no time", () => {
    expect(nearest("a".repeat(1_000_000), KEYS)).toBeUndefined();
  });
});
