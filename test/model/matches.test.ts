import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Matcher } from "../../functions/model/matcher.ts";
import { matches } from "../../functions/model/matches.ts";
import { parseMatchers, printMatchers } from "../../functions/model/parse-matchers.ts";

const labels = { target: "cas-eu", probe: "cas.negotiate", path: "a\nb" };

describe("matching", () => {
  const rows: [string, boolean][] = [
    ['target="cas-eu"', true],
    ['target="cas"', false],
    ['target!="cas"', true],
    ['target=~"cas"', false],
    ['target=~"cas|cas-eu"', true],
    ['target=~"cas-.+"', true],
    ['target=~"(?i)CAS-EU"', true],
    ['target=~"cas\\-eu"', true],
    ['target!~"cas-.*"', false],
    ['probe=~"cas\\\\.negotiate"', true],
    ['path=~"a.b"', true],
    ['absent=""', true],
    ['absent=~".*"', true],
    ['absent=~".+"', false],
    ['absent!="x"', true],
    ['toString=""', true],
    ["target=cas-eu", true],
    ["{target=cas-eu}", true],
  ];
  test.each(rows)("%s: %s", (text, expected) => {
    const parsed = parseMatchers(text);
    if (!parsed.ok) throw new Error(parsed.problem);
    expect(parsed.matchers).toHaveLength(1);
    expect(matches(parsed.matchers[0] as Matcher, labels)).toBe(expected);
  });
});

describe("matchers that are refused", () => {
  const rows: [string, RegExp][] = [
    ["target", /name="value"/],
    ['target="a', /name="value"/],
    ['target="a" probe="b"', /name="value"/],
    ['1a="b"', /"1a"/],
    ['a-b="b"', /"a-b"/],
    ['target=~"("', /"\(".*bracket/],
    ['target=~"*a"', /stray/],
    ['target=~"a)|(b"', /bracket/],
    ['target=~"a(?=b)"', /look-around/],
    ['target=~"(a)\\1"', /back references/],
    ['target=~"(a+)+b"', /for ever/],
    ['target=~"(a|a)*b"', /for ever/],
    ['target=~"(a|a){2,}b"', /for ever/],
    [`target=~"${"a".repeat(1001)}"`, /1001 characters/],
  ];
  test.each(rows)("%s", (text, why) => {
    const parsed = parseMatchers(text);
    expect(parsed).toMatchObject({ ok: false });
    expect(parsed.ok ? "" : parsed.problem).toMatch(why);
  });
});

test("a class may hold what looks like a repeated group", () => {
  expect(parseMatchers('a=~"[)*]+", b=~"\\\\)*"')).toMatchObject({ ok: true });
});

test("what is printed reads back as it was", () => {
  const matcher = fc.record({
    name: fc.stringMatching(/^[a-z_][a-z0-9_]*$/),
    op: fc.constantFrom("=" as const, "!=" as const),
    value: fc.string({ unit: "grapheme", maxLength: 20 }),
  });
  fc.assert(
    fc.property(fc.array(matcher, { maxLength: 5 }), (matchers) => {
      expect(parseMatchers(printMatchers(matchers))).toEqual({ ok: true, matchers });
    }),
  );
});

test("no text makes the reader throw", () => {
  const piece = fc.constantFrom("a", '"', "=", "~", "!", ",", "{", "}", "\\", " ", "(", ")", "*", "=~", "[");
  fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => void parseMatchers(pieces.join(""))));
});
