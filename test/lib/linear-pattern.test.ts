import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldCase } from "../../functions/lib/pattern/fold-case.ts";
import { LinearPattern } from "../../functions/lib/pattern/linear-pattern.ts";
import { parsePattern } from "../../functions/lib/pattern/parse-pattern.ts";
import { programSize } from "../../functions/lib/pattern/pattern-program.ts";

function compiled(source: string): LinearPattern {
  const parsed = parsePattern(source);
  if (!parsed.ok) throw new Error(parsed.problem);
  return new LinearPattern(parsed.node);
}

describe("what a pattern means", () => {
  const rows: [string, string[], string[]][] = [
    ["", [""], ["a"]],
    ["cas-.+", ["cas-eu", "cas-\n", "cas-😀"], ["cas-", "acas-eu"]],
    ["a|b|", ["a", "b", ""], ["ab"]],
    ["^a$", ["a"], ["a\n", ""]],
    ["\\Aa\\z", ["a"], ["aa"]],
    ["a^b", [], ["ab", "a\nb"]],
    ["^*a$+", ["a"], ["", "aa"]],
    ["(a*)*b|((c))", ["b", "aab", "c"], ["a", ""]],
    ["a{2}", ["aa"], ["a", "aaa"]],
    ["a{2,}", ["aa", "aaaa"], ["a"]],
    ["a{0,2}b{0}", ["", "a", "aa"], ["aaa", "b"]],
    ["a*?b+?c??d{1,2}?", ["bd", "aabbcdd"], ["ad"]],
    // As in RE2, braces that count nothing stand for themselves.
    ["a{,2}", ["a{,2}"], ["aa"]],
    ["{a}]", ["{a}]"], []],
    ["a{01}", ["a{01}"], ["a"]],
    ["[]a]", ["]", "a"], ["[]a]"]],
    ["[^]a]", ["b", "\n"], ["]", "a"]],
    ["[a-c-]", ["b", "-"], ["d"]],
    ["[\\d-z]", ["5", "-", "z"], ["a"]],
    ["[\\x41\\x{1F600}\\]\\-\\t]", ["A", "😀", "]", "-", "\t"], ["\\"]],
    ["[[:alpha:][:^word:]]", ["a", " "], ["1", "_"]],
    ["\\w\\W\\d\\D\\s\\S", ["a-1a b"], ["é-1a b"]],
    // Neither a vertical tab nor Unicode's spaces, as in RE2.
    ["\\s", [" ", "\t", "\n", "\f", "\r"], ["\v", "\u00a0"]],
    [".", ["\n", "😀"], ["", "ab"]],
    ["(?-s).", ["a"], ["\n"]],
    ["(?i)cas-É", ["CAS-é", "caſ-é"], ["cas-e"]],
    ["(?i:k)a", ["ka", "Ka", "\u212aa"], ["kA"]],
    ["a(?i)b|c", ["ab", "aB", "C"], ["AB"]],
    ["(a(?i)b)c", ["aBc"], ["abC"]],
    ["(?i)[^k]", ["a"], ["k", "K", "\u212a"]],
    ["(?i)[\\W]", ["-"], ["k", "ſ"]],
    ["(?is-i).A", ["\nA"], ["\na"]],
    [".*\\bdown\\b.*", ["is down now", "down"], ["downs", "a_down"]],
    ["a\\Bb", ["ab"], []],
    ["\\*\\.\\_\\ ", ["*._ "], []],
    ["\\n\\r\\t\\f\\v\\a", ["\n\r\t\f\v\x07"], []],
  ];
  test.each(rows)("%s", (source, right, wrong) => {
    const pattern = compiled(source);
    for (const text of right) expect(pattern.test(text), JSON.stringify(text)).toBe(true);
    for (const text of wrong) expect(pattern.test(text), JSON.stringify(text)).toBe(false);
  });
});

/** A pattern that is written the same for us and for JavaScript. */
const { pattern: anyPattern } = fc.letrec<{ pattern: string; part: string; atom: string }>((tie) => ({
  pattern: fc.array(tie("part"), { maxLength: 3 }).map((parts) => parts.join("")),
  part: fc.oneof(
    { depthSize: "small" },
    tie("atom"),
    fc.constantFrom("^", "$", "\\b", "\\B"),
    fc
      .tuple(tie("atom"), fc.constantFrom("*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "{0}"))
      .map(([atom, count]) => atom + count),
    fc.tuple(tie("pattern"), tie("pattern")).map(([one, other]) => `(?:${one}|${other})`),
  ),
  atom: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      "a",
      "b",
      "B",
      "_",
      "é",
      "😀",
      "ß",
      ".",
      "\\d",
      "\\w",
      "\\W",
      "[ab]",
      "[^a]",
      "[a-z_]",
      "\\.",
      "\\x41",
    ),
    tie("pattern").map((inner) => `(${inner})`),
  ),
}));
const anyText = fc
  .array(fc.constantFrom("a", "b", "A", "B", "_", "é", "É", "😀", "ß", "ẞ", "1", ".", "-", "\n"), { maxLength: 6 })
  .map((characters) => characters.join(""));

test("random patterns match what JavaScript's engine says", () => {
  let matched = 0;
  fc.assert(
    fc.property(anyPattern, fc.boolean(), fc.array(anyText, { maxLength: 8 }), (source, ignoresCase, texts) => {
      const ours = compiled(ignoresCase ? `(?i)${source}` : source);
      const native = new RegExp(`^(?:${source})$`, ignoresCase ? "sui" : "su");
      for (const text of ["", ...texts]) {
        const expected = native.test(text);
        if (expected) matched++;
        expect(ours.test(text), `${source} on ${JSON.stringify(text)}`).toBe(expected);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(matched).toBeGreaterThan(500);
});

test("what was kept of earlier texts, and what was thrown away for room, changes no answer", () => {
  const pattern = compiled(".*a.{40}");
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "é"), { minLength: 41, maxLength: 300 }), (characters) => {
      expect(pattern.test(characters.join(""))).toBe(characters.at(-41) === "a");
    }),
    { numRuns: 300 },
  );
});

test("case is folded as Unicode's simple folding has it", () => {
  const equal = (one: number, other: number): boolean =>
    new RegExp(`^\\u{${one.toString(16)}}$`, "iu").test(String.fromCodePoint(other));
  const wrong: string[] = [];
  for (let codePoint = 0; codePoint < 0x1f000; codePoint++) {
    if (codePoint >= 0xd800 && codePoint < 0xe000) continue;
    const text = String.fromCodePoint(codePoint);
    for (const other of new Set([text.toLowerCase(), text.toUpperCase()])) {
      const [only = "", ...more] = other;
      const folded = only.codePointAt(0) as number;
      if (more.length > 0 || folded === codePoint) continue;
      if (equal(codePoint, folded) !== (foldCase(codePoint) === foldCase(folded))) wrong.push(`${text} ${other}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("a program is never larger than what was reckoned, and without counts than its source", () => {
  for (const [source, size] of [
    ["abc", 3],
    ["(ab|c)*", 5],
    ["(a|b)+?", 2],
    ["a{3,5}", 7],
    ["(a{10}){10}", 100],
    ["(?:(?:){10}){10}", 100],
    ["", 0],
  ] as const) {
    const parsed = parsePattern(source);
    expect(parsed.ok ? programSize(parsed.node) : Number.NaN, source).toBe(size);
  }
  fc.assert(
    fc.property(anyPattern, (source) => {
      const parsed = parsePattern(source);
      if (!source.includes("{")) expect(parsed.ok && programSize(parsed.node)).toBeLessThanOrEqual(source.length);
    }),
  );
});

test("no text makes the parser throw, and what is wrong is quoted with its place", () => {
  const piece = fc.constantFrom(
    "a",
    "[",
    "]",
    "^",
    "-",
    "(",
    ")",
    "?",
    "*",
    "{",
    "}",
    "1",
    ",",
    "\\",
    "|",
    ":",
    "x",
    "p",
    "\ud800",
    "(?",
    "[:",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const parsed = parsePattern(pieces.join(""));
      if (!parsed.ok) expect(parsed.problem).toMatch(/^".*" at character \d+ .{10,}$/s);
      else expect(typeof new LinearPattern(parsed.node).test("a1]")).toBe("boolean");
    }),
    { numRuns: 3_000 },
  );
});
