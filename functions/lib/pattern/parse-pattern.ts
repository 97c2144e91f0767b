import { type CodePointSet, codePointSet, complement, rangesOf } from "./code-point-set.ts";
import { foldCase } from "./fold-case.ts";
import { PatternProblem, PatternReader } from "./pattern-reader.ts";
import { readCharacter, readClass, readShorthand } from "./read-characters.ts";

/** A pattern as a tree. */
export type PatternNode =
  /** One character. `folds`: its folded case is looked up in the set. */
  | { kind: "character"; set: CodePointSet; folds: boolean }
  | { kind: "assertion"; place: Place }
  | { kind: "sequence"; parts: readonly PatternNode[] }
  | { kind: "choice"; branches: readonly PatternNode[] }
  /** `max` is Infinity without an upper bound. */
  | { kind: "repeat"; of: PatternNode; min: number; max: number };

/** Position between two characters at which an assertion holds. */
export type Place = "start" | "end" | "word boundary" | "inside or outside a word";

/** The tree, or the problem: where, what, and what to write instead; no full stop. */
export type ParsedPattern = { ok: true; node: PatternNode } | { ok: false; problem: string };

interface Flags {
  /** Ignores case. */
  i: boolean;
  /** `.` matches a line end too. */
  s: boolean;
}

const DEEPEST = 100;
const LARGEST_COUNT = 1_000;
const ANY = complement([]);
const NO_LINE_END = complement([10, 10]);
const PLACES: Readonly<Record<string, Place>> = {
  A: "start",
  z: "end",
  b: "word boundary",
  B: "inside or outside a word",
};

/**
 * Parses the supported subset of RE2's syntax: literals, escapes, `.`, classes, groups, `|`, `*`, `+`, `?`, `{m,n}`,
 * `^`, `$`, `\A`, `\z`, `\b`, `\B` and the flags `i` and `s`. It means the same as in RE2 with `(?s)`. Takes linear
 * time.
 */
export function parsePattern(source: string): ParsedPattern {
  const reader = new PatternReader(source);
  try {
    const node = readChoice(reader, { i: false, s: true }, 0);
    if (!reader.done) {
      const from = reader.at;
      reader.next();
      reader.fail(from, "is an unmatched bracket; remove it, or write \\) for the bracket");
    }
    return { ok: true, node };
  } catch (error) {
    if (error instanceof PatternProblem) return { ok: false, problem: error.message };
    throw error;
  }
}

/** Reads up to the end or an unread `)`. Flags set on the way apply to the rest. */
function readChoice(reader: PatternReader, outer: Flags, depth: number): PatternNode {
  let flags = outer;
  const branches: PatternNode[][] = [[]];
  while (!reader.done && !reader.looksAt(")")) {
    if (reader.take("|")) {
      branches.push([]);
      continue;
    }
    const changed = readFlags(reader, flags, ")");
    if (changed === undefined) branches.at(-1)?.push(readRepeated(reader, flags, depth));
    else flags = changed;
  }
  const all = branches.map((parts): PatternNode => ({ kind: "sequence", parts }));
  return all.length === 1 ? (all[0] as PatternNode) : choiceOf(all);
}

/** Branches of one character each, as in `(a|b|c)`, are one class. */
function choiceOf(branches: readonly PatternNode[]): PatternNode {
  const single = branches.flatMap((branch) => {
    const [only, ...more] = branch.kind === "sequence" ? branch.parts : [];
    return only?.kind === "character" && more.length === 0 ? [only] : [];
  });
  const folds = single[0]?.folds === true;
  if (single.length < branches.length || single.some((one) => one.folds !== folds)) return { kind: "choice", branches };
  return { kind: "character", set: codePointSet(single.flatMap(({ set }) => rangesOf(set))), folds };
}

/** Reads `(?i)`, or `(?i:` where `close` is a colon; undefined where something else comes next. */
function readFlags(reader: PatternReader, flags: Flags, close: ")" | ":"): Flags | undefined {
  const from = reader.at;
  const found = reader.match(close === ")" ? /\(\?(\w*)(?:-(\w+))?\)/y : /\(\?(\w*)(?:-(\w+))?:/y);
  if (found === undefined) return undefined;
  const [, on = "", off = ""] = found;
  if (/[^is]/.test(on + off) || (close === ")" && on + off === ""))
    reader.fail(from, "sets flags that are not supported; use only i (ignore case) and s (. matches line ends)");
  const value = (flag: "i" | "s"): boolean => (on.includes(flag) || flags[flag]) && !off.includes(flag);
  return { i: value("i"), s: value("s") };
}

function readRepeated(reader: PatternReader, flags: Flags, depth: number): PatternNode {
  const from = reader.at;
  const stray = readCount(reader);
  if (stray !== undefined)
    reader.fail(from, "has nothing to repeat; put something before it, or \\ to match the character itself");
  const of = readAtom(reader, flags, depth);
  const count = readCount(reader);
  if (count === undefined) return of;
  const again = reader.at;
  if (readCount(reader) !== undefined)
    reader.fail(again, "repeats a repetition; put what comes before into a group: (?:...)");
  return { kind: "repeat", of, ...count };
}

/** Reads `*`, `+`, `?` or `{m,n}`, optionally with the `?` of a lazy match, which has no effect here. */
function readCount(reader: PatternReader): { min: number; max: number } | undefined {
  const from = reader.at;
  const found = reader.match(/(?:([*+?])|\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\})\??/y);
  if (found === undefined) return undefined;
  const [, sign, least, comma, most] = found;
  if (sign !== undefined) return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
  const min = Number(least);
  const max = comma === undefined ? min : most === undefined ? Number.POSITIVE_INFINITY : Number(most);
  if (min > LARGEST_COUNT || (max > LARGEST_COUNT && max !== Number.POSITIVE_INFINITY))
    reader.fail(from, `repeats too often: ${LARGEST_COUNT} times at most; use * or + for any number`);
  if (min > max) reader.fail(from, "has a lower bound above its upper bound; swap them");
  return { min, max };
}

function readAtom(reader: PatternReader, flags: Flags, depth: number): PatternNode {
  const character = (set: CodePointSet): PatternNode => ({ kind: "character", set, folds: flags.i });
  if (reader.looksAt("(")) return readGroup(reader, flags, depth);
  if (reader.looksAt("[")) return character(readClass(reader, flags.i));
  if (reader.take(".")) return { kind: "character", set: flags.s ? ANY : NO_LINE_END, folds: false };
  if (reader.take("^")) return { kind: "assertion", place: "start" };
  if (reader.take("$")) return { kind: "assertion", place: "end" };
  const [, place = ""] = reader.match(/\\([AzbB])/y) ?? [];
  if (place !== "") return { kind: "assertion", place: PLACES[place] as Place };
  const shorthand = readShorthand(reader, flags.i);
  if (shorthand !== undefined) return character(shorthand);
  const read = readCharacter(reader);
  const one = flags.i ? foldCase(read) : read;
  return character(codePointSet([[one, one]]));
}

function readGroup(reader: PatternReader, flags: Flags, depth: number): PatternNode {
  const from = reader.at;
  const inner = readFlags(reader, flags, ":") ?? flags;
  if (reader.at === from) {
    if (reader.match(/\(\?<?[=!]/y) !== undefined)
      reader.fail(from, "starts a look-around, which Prometheus does not support; use a second matcher with !~");
    if (reader.match(/\(\?(?:P?<|P)/y) !== undefined)
      reader.fail(from, "starts a named group, which a matcher does not support; write ( alone");
    if (reader.match(/\(\?/y) !== undefined)
      reader.fail(
        from,
        "starts a group that Prometheus does not support; write ( or (?: for a group, or \\? for the character",
      );
    reader.take("(");
  }
  if (depth >= DEEPEST) reader.fail(from, `is the ${depth + 1}th group within another; nest ${DEEPEST} at most`);
  const node = readChoice(reader, inner, depth + 1);
  if (reader.take(")")) return node;
  return reader.fail(from, "is a bracket that is not closed; add ), or write \\( for the bracket");
}
