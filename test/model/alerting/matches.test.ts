import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Matcher } from "../../../functions/model/alerting/matcher.ts";
import { matches } from "../../../functions/model/alerting/matches.ts";
import { parseMatchers, printMatchers } from "../../../functions/model/alerting/parse-matchers.ts";

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
    ['target=~"(cas|-|eu)+"', true],
    ['target=~"([a-z]+-?)*"', true],
    ['target=~"(a|b)*"', false],
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
    ['target=~"*a"', /nothing to repeat/],
    ['target=~"a)|(b"', /bracket/],
    ['target=~"a(?=b)"', /look-around/],
    ['target=~"(a)\\1"', /back reference/],
    ['target=~"a(b"', /"\(b" at character 2 .*not closed; add \)/],
    ['target=~"a)"', /"\)" at character 2 .*unmatched bracket/],
    ['target=~"a**"', /"\*" at character 3 repeats a repetition/],
    ['target=~"a{3,2}"', /"\{3,2\}" at character 2 .*swap them/],
    ['target=~"a{1001}"', /1000 times at most/],
    ['target=~"(a{100}){100}"', /more than 1000 steps.*lower the counts/],
    ['target=~"[b-a]"', /"b-a" at character 2 .*swap them/],
    ['target=~"[a"', /class whose bracket is not closed/],
    ['target=~"[[:letter:]]"', /names no class; there are alnum, /],
    ['target=~"\\pL"', /Unicode class/],
    ['target=~"\\q"', /unknown escape/],
    ['target=~"(?<n>a)"', /named group/],
    ['target=~"(?m)a"', /flags that are not supported/],
    ['target=~"(?i)[\\x{0}-\\x{10FFFF}]"', /more than 1000 characters under \(\?i\)/],
    [`target=~"${"(".repeat(101)}a"`, /nest 100 at most/],
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
