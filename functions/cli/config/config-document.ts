import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import type { Issue, Path } from "../../config/issue.ts";
import { getOrInsert } from "../../lib/get-or-insert.ts";

/** Where something stands in a file; both from 1. */
export interface Place {
  line: number;
  column: number;
}

/** An issue that belongs to a place rather than to a key. */
interface PlacedIssue {
  place: Place;
  message: string;
}

/** A YAML text as plain data, or what keeps it from being read. */
export type ReadText =
  | { ok: true; data: unknown; placeOf(issue: Issue): Place | undefined }
  | { ok: false; issues: readonly PlacedIssue[] };

/** A thousand targets with every key are about 2 MB. */
const LARGEST_TEXT = 8 * 2 ** 20;

const NO_ANCHOR = "this alias has no anchor before it; write `&NAME` before the value that it stands for";

/** More is an attack, or a mistake: aliases of aliases multiply. */
const MOST_ALIASES = 20_000;

const TOO_MANY_ALIASES = "the aliases of this file stand for too much; write some of the values out";

const SAID_TWICE = "this key is duplicated; keep one";

const MESSAGES: Readonly<Record<string, string>> = {
  BAD_ALIAS: NO_ANCHOR,
  BAD_DIRECTIVE: "YAML directives are not allowed; remove this line",
  MULTIPLE_DOCS: "a second document starts here; keep one document per file",
  TAB_AS_INDENT: "a tab cannot indent YAML; use spaces",
  NON_STRING_KEY: "a key must be a plain string",
  TAG_RESOLVE_FAILED: "YAML tags are not allowed; write the value without a tag",
};

/** The parser's own words, without the excerpt of the file that it appends to some: that may hold anything. */
function messageOf(error: YAMLError): string {
  const words = error.code === "UNEXPECTED_TOKEN" ? error.message.split(":")[0] : error.message;
  return MESSAGES[error.code] ?? `this is not valid YAML (${words})`;
}

type Pairs = ReadonlyMap<unknown, Pair>;

/** What is looked up for every issue. */
interface Known {
  pairs: Map<YAMLMap, Pairs>;
  /** Nodes by anchor: the library looks through the whole document for each alias. */
  anchors: Map<string, Node>;
}

/** The entries of a mapping by key, each looked up as often as there are issues. */
function pairsOf(map: YAMLMap, { pairs }: Known): Pairs {
  return getOrInsert(pairs, map, () => new Map(map.items.map((pair) => [scalarOf(pair), pair])));
}

const scalarOf = ({ key }: Pair): unknown => (isScalar(key) ? key.value : undefined);

/** The node at a path, or the nearest above it; the key rather than the value where the key itself is the issue. */
function offsetOf(document: Document, known: Known, path: Path, length = path.length): number | undefined {
  if (length === 0) return document.contents?.range?.[0];
  const parent = nodeAt(document, known, path.slice(0, length - 1));
  const last = path[length - 1];
  const pair = isMap(parent) ? pairAt(known, parent, last) : undefined;
  if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
  const entry = isSeq(parent) && typeof last === "number" ? parent.items[last] : undefined;
  if (typeof entry === "object" && entry !== null && "range" in entry)
    return (entry.range as [number] | undefined)?.[0];
  return offsetOf(document, known, path, length - 1);
}

function nodeAt(document: Document, known: Known, path: Path): unknown {
  return path.reduce<unknown>((node, part) => {
    if (isMap(node)) return resolved(known, pairAt(known, node, part)?.value);
    return isSeq(node) && typeof part === "number" ? resolved(known, node.items[part]) : undefined;
  }, document.contents);
}

const resolved = ({ anchors }: Known, node: unknown): unknown => (isAlias(node) ? anchors.get(node.source) : node);

/** The entry of a key, which a merge key may have brought. */
function pairAt(known: Known, map: YAMLMap, key: unknown): Pair | undefined {
  const own = pairsOf(map, known).get(key);
  if (own !== undefined) return own;
  const merged = resolved(known, pairsOf(map, known).get("<<")?.value);
  for (const node of isSeq(merged) ? merged.items : [merged]) {
    const source = resolved(known, node);
    const found = isMap(source) && source !== map ? pairAt(known, source, key) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether plain data is endless, since an alias is inside of its own anchor. */
function holdsItself(value: unknown, around = new Set<unknown>(), clean = new Set<unknown>()): boolean {
  if (typeof value !== "object" || value === null || clean.has(value)) return false;
  if (around.has(value)) return true;
  around.add(value);
  const found = Object.values(value).some((inner) => holdsItself(inner, around, clean));
  around.delete(value);
  clean.add(value);
  return found;
}

/** Keys that a mapping has more than once. The parser's own check compares each with each. */
function repeatedKeys(map: YAMLMap): Scalar[] {
  const seen = new Set<unknown>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    if (seen.has(key.value)) return [key];
    seen.add(key.value);
    return [];
  });
}

/** How the parser begins to say that `<<` stands before something else than mappings. */
const NO_MERGE_SOURCE = "Merge sources must be";
const MERGES_NOTHING =
  "`<<` merges mappings: write an alias of one after it, such as `<<: *defaults`, or a list of such aliases";

/** Reads a YAML 1.2 text strictly, with anchors and merge keys: no tags, no duplicate keys, one document. Never throws. */
export function readText(text: string): ReadText {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (text.length > LARGEST_TEXT)
    return {
      ok: false,
      issues: [{ place: { line: 1, column: 1 }, message: `the file is larger than ${LARGEST_TEXT} characters` }],
    };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      merge: true,
      uniqueKeys: false,
      logLevel: "error",
    });
    const issues = [...document.errors, ...document.warnings].map((error) => ({
      place: placeAt(error.pos[0]),
      message: messageOf(error),
    }));
    const known: Known = { pairs: new Map(), anchors: new Map() };
    visit(document, (_, node) => {
      if (isNode(node) && "anchor" in node && typeof node.anchor === "string") known.anchors.set(node.anchor, node);
      if (isAlias(node) && !known.anchors.has(node.source))
        issues.push({ place: placeAt(node.range?.[0] ?? 0), message: NO_ANCHOR });
      else if (isMap(node))
        for (const key of repeatedKeys(node)) issues.push({ place: placeAt(key.range?.[0] ?? 0), message: SAID_TWICE });
    });
    if (issues.length > 0) return { ok: false, issues };
    const data = document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
    if (holdsItself(data))
      return { ok: false, issues: [{ place: { line: 1, column: 1 }, message: "an alias stands for what it is in" }] };
    return {
      ok: true,
      data,
      placeOf: ({ path }) => {
        const offset = offsetOf(document, known, path);
        return offset === undefined ? undefined : placeAt(offset);
      },
    };
  } catch (error) {
    if (error instanceof ReferenceError)
      return { ok: false, issues: [{ place: { line: 1, column: 1 }, message: TOO_MANY_ALIASES }] };
    // The parser merges while it gives the data out, and says nothing before.
    if (error instanceof Error && error.message.startsWith(NO_MERGE_SOURCE))
      return { ok: false, issues: [{ place: placeAt(Math.max(0, text.indexOf("<<"))), message: MERGES_NOTHING }] };
    // The parser recurses, so a text of a hundred thousand brackets overflows its stack.
    if (error instanceof RangeError)
      return { ok: false, issues: [{ place: { line: 1, column: 1 }, message: "the file is nested too deeply" }] };
    throw error;
  }
}
