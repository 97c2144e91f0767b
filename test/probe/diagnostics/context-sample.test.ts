import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstDifference, type Json, sampleContext } from "../../../functions/probe/diagnostics/context-sample.ts";
import { SLOT } from "../tasks.ts";

const again = (value: Json): unknown => JSON.parse(JSON.stringify(value));

describe("the sample", () => {
  it("comes back from JSON as it went, and fits the contract", () => {
    const sample = sampleContext(SLOT, 0);
    expect(firstDifference(sample, again(sample))).toBeUndefined();
    expect(new TextEncoder().encode(JSON.stringify(sample)).length).toBeLessThan(16_384);
    expect(firstDifference(sample, again(sampleContext(SLOT, 1)))).toBe("run.attempt");
    expect(firstDifference(sample, again(sampleContext(SLOT + 1, 0)))).toBe("run.slot");
  });

  it.each([
    ["32-bit integers", (value: unknown) => (typeof value === "number" ? value | 0 : value), "numbers.3"],
    ["32-bit floats", (value: unknown) => (typeof value === "number" ? Math.fround(value) : value), "numbers.3"],
    [
      "text without its escapes",
      (value: unknown) => (typeof value === "string" ? value.replaceAll("\u0000", "") : value),
      "text.7",
    ],
    ["normalised text", (value: unknown) => (typeof value === "string" ? value.normalize("NFC") : value), "text.4"],
    [
      "Latin-1 text",
      (value: unknown) => (typeof value === "string" ? value.replaceAll(/[^\0-\xff]/g, "?") : value),
      "text.2",
    ],
    ["nothing as emptiness", (value: unknown) => (value === null ? {} : value), "nothing.0"],
    ["truth as a number", (value: unknown) => (value === true ? 1 : value), "nothing.2"],
    [
      "empty lists as empty objects",
      (value: unknown) => (Array.isArray(value) && value.length === 0 ? {} : value),
      "nothing.4",
    ],
  ])("detects a conversion to %s", (_, change, where) => {
    const sample = sampleContext(0, 0);
    const back: unknown = JSON.parse(JSON.stringify(sample), (_key, value) => change(value));
    expect(firstDifference(sample, back)).toBe(where);
  });
});

describe("the comparison", () => {
  const anyJson = fc.jsonValue() as fc.Arbitrary<Json>;

  it("finds no difference between a value and its copy", () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(firstDifference(again(value) as Json, again(value))).toBeUndefined();
      }),
    );
  });

  it("finds one exactly where two values are written differently", () => {
    const sorted = (value: unknown): string =>
      JSON.stringify(value, (_, one: unknown) =>
        typeof one === "object" && one !== null && !Array.isArray(one)
          ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
          : one,
      );
    fc.assert(
      fc.property(anyJson, anyJson, (one, other) => {
        const [a, b] = [again(one) as Json, again(other)];
        expect(firstDifference(a, b) === undefined).toBe(sorted(a) === sorted(b));
      }),
    );
  });

  it("is not led deeper than what was sent, nor into prototypes", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(firstDifference([[1]], deep)).toBe("0.0");
    expect(firstDifference({ toString: 1 }, { other: 1 })).toBe("");
  });
});
