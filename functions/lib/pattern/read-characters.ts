import { type CodePointRange, type CodePointSet, codePointSet, complement, rangesOf } from "./code-point-set.ts";
import { foldCase } from "./fold-case.ts";
import type { PatternReader } from "./pattern-reader.ts";

/** First and last characters of ranges, alternating. */
const pairs = (ends: string): CodePointRange[] =>
  Array.from({ length: ends.length / 2 }, (_, i) => [ends.charCodeAt(2 * i), ends.charCodeAt(2 * i + 1)]);

const SHORTHANDS: Readonly<Record<string, readonly CodePointRange[]>> = {
  d: pairs("09"),
  s: pairs("\t\n\f\r  "),
  w: pairs("09AZ__az"),
};

const NAMED: Readonly<Record<string, readonly CodePointRange[]>> = {
  alnum: pairs("09AZaz"),
  alpha: pairs("AZaz"),
  ascii: pairs("\0\x7f"),
  blank: pairs("\t\t  "),
  cntrl: pairs("\0\x1f\x7f\x7f"),
  digit: pairs("09"),
  graph: pairs("!~"),
  lower: pairs("az"),
  print: pairs(" ~"),
  punct: pairs("!/:@[`{~"),
  space: pairs("\t\r  "),
  upper: pairs("AZ"),
  word: pairs("09AZ__az"),
  xdigit: pairs("09AFaf"),
};

const CONTROLS: Readonly<Record<string, string>> = { a: "\x07", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
/** Each character of a range is folded on its own, so a range must not be all of Unicode. */
const LONGEST_FOLDED_RANGE = 1_000;

/** The set of some ranges; if case is ignored, of their folded characters. */
const setOf = (ranges: readonly CodePointRange[], folds: boolean): CodePointSet =>
  codePointSet(folds ? ranges.flatMap(foldRange) : ranges);

function foldRange([first, last]: CodePointRange): CodePointRange[] {
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const folded = foldCase(first + i);
    return [folded, folded];
  });
}

/** Reads `\d`, `\s`, `\w` or their complements; undefined if something else comes next. */
export function readShorthand(reader: PatternReader, folds: boolean): CodePointSet | undefined {
  const [, name] = reader.match(/\\([dswDSW])/y) ?? [];
  if (name === undefined) return undefined;
  const set = setOf(SHORTHANDS[name.toLowerCase()] ?? [], folds);
  return name === name.toLowerCase() ? set : complement(set);
}

/** Reads one character, escaped or not. */
export function readCharacter(reader: PatternReader): number {
  const from = reader.at;
  if (!reader.take("\\")) return reader.next();
  if (reader.done) reader.fail(from, "escapes nothing; write \\\\ for a backslash");
  const hex = reader.match(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y);
  if (hex !== undefined) {
    const codePoint = Number.parseInt(hex[1] ?? hex[2] ?? "", 16);
    return codePoint > 0x10ffff ? reader.fail(from, "is beyond the last character, \\x{10FFFF}") : codePoint;
  }
  const escaped = reader.next();
  const letter = String.fromCodePoint(escaped);
  if (Object.hasOwn(CONTROLS, letter)) return (CONTROLS[letter] as string).charCodeAt(0);
  if (escaped < 0x80 && !/[0-9A-Za-z]/.test(letter)) return escaped;
  if (/[1-9k]/.test(letter))
    reader.fail(from, "looks like a back reference, which Prometheus does not support; write the text itself");
  if (/[pP]/.test(letter))
    reader.fail(from, "starts a Unicode class, which is not supported; list the characters, such as [a-zäöü]");
  return reader.fail(
    from,
    "is an unknown escape; write the character without \\, or one of \\d \\D \\s \\S \\w \\W \\n \\r \\t \\x41, and outside of [] \\b \\B \\A \\z",
  );
}

/** Reads a class such as `[^a-z_]`; its `[` comes next. */
export function readClass(reader: PatternReader, folds: boolean): CodePointSet {
  const from = reader.at;
  reader.take("[");
  const isNegated = reader.take("^");
  const sets: CodePointSet[] = [];
  // A `]` that comes first stands for itself.
  do {
    if (reader.done) reader.fail(from, "is a class whose bracket is not closed; add ], or write \\[ for the bracket");
    sets.push(readNamed(reader, folds) ?? readShorthand(reader, folds) ?? readRange(reader, folds));
  } while (!reader.take("]"));
  const set = codePointSet(sets.flatMap(rangesOf));
  return isNegated ? complement(set) : set;
}

function readNamed(reader: PatternReader, folds: boolean): CodePointSet | undefined {
  const from = reader.at;
  const [, caret, name = ""] = reader.match(/\[:(\^?)([^:\]]*):\]/y) ?? [];
  if (caret === undefined) return undefined;
  const ranges = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (ranges === undefined) reader.fail(from, `names no class; there are ${Object.keys(NAMED).join(", ")}`);
  const set = setOf(ranges, folds);
  return caret === "" ? set : complement(set);
}

function readRange(reader: PatternReader, folds: boolean): CodePointSet {
  const from = reader.at;
  const first = readCharacter(reader);
  // A hyphen before the end of the class stands for itself.
  if (!reader.looksAt("-") || reader.looksAt("-]")) return setOf([[first, first]], folds);
  reader.take("-");
  if (reader.done) return setOf([[first, first]], folds);
  const last = readCharacter(reader);
  if (last < first)
    reader.fail(from, "is a range whose end comes before its start; swap them, or write \\- for a hyphen");
  if (folds && last - first >= LONGEST_FOLDED_RANGE)
    reader.fail(from, `is a range of more than ${LONGEST_FOLDED_RANGE} characters under (?i); write it without (?i)`);
  return setOf([[first, last]], folds);
}
