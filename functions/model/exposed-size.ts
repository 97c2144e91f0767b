import type { Family } from "./metric.ts";
import { sampleLines } from "./sample-lines.ts";
import { EXEMPLAR_FAMILY, type Layout } from "./snapshot.ts";

/**
 * No answer of `/metrics` is larger, in bytes before compression: Prometheus parses it as a whole, and a Worker must answer
 * several at once within 128 MB.
 */
export const MAX_ANSWER_BYTES = 8_000_000;

/** The most bytes a number takes: `-1.2345678901234567e-308` has 24. */
export const NUMBER_BYTES = 24;
/** ` # {trace_id="..."} value time`. */
export const EXEMPLAR_BYTES = 14 + 32 + 3 + NUMBER_BYTES + 1 + NUMBER_BYTES;
/** What stands around labels and number: two braces, a comma between labels, one before the line's own, a blank, a line end. */
const PUNCTUATION_BYTES = 6;

const encoder = new TextEncoder();
/** Bytes of a text in UTF-8. */
const utf8Bytes = (text: string): number => encoder.encode(text).length;

/** The most that columns can take in an answer: bytes without the target's label, and how many lines have that label. */
export interface TextSize {
  bytes: number;
  lines: number;
}

/** Adds up sizes. */
export const addSize = (a: TextSize, b: TextSize): TextSize => ({ bytes: a.bytes + b.bytes, lines: a.lines + b.lines });

/** The most that a series can take. `bounds`: indexes of the bounds shown of a histogram; absent: all. */
export function seriesSize(
  family: Family,
  labels: string,
  bounds: readonly number[] | undefined,
  created: boolean,
): TextSize {
  let lines = sampleLines(family);
  if (family.type === "histogram" && bounds !== undefined) {
    const last = family.buckets.length;
    lines = lines.filter((_, i) => i >= last || bounds.includes(i));
  }
  if (created && (family.type === "counter" || family.type === "histogram"))
    lines = [...lines, { name: `${family.name}_created`, label: "" }];
  const labelBytes = utf8Bytes(labels);
  const bytes = lines.reduce(
    (sum, { name, label }) => sum + name.length + labelBytes + label.length + PUNCTUATION_BYTES + NUMBER_BYTES,
    0,
  );
  return { bytes, lines: lines.length };
}

/** The most that a layout's columns can take. Columns of families that are not given are not shown. */
export function layoutSize(
  layout: Layout,
  families: ReadonlyMap<string, Family>,
  bounds: Readonly<Record<string, readonly number[]>>,
  created: boolean,
): TextSize {
  let size: TextSize = { bytes: 0, lines: 0 };
  for (const { family: name, labels } of layout.columns) {
    const family = families.get(name);
    if (family !== undefined) size = addSize(size, seriesSize(family, labels, bounds[name], created));
    else if (name === EXEMPLAR_FAMILY) size = { ...size, bytes: size.bytes + EXEMPLAR_BYTES };
  }
  return size;
}

/** The bytes of a block whose own label, `target` or `shard`, takes `identityBytes`. */
export const blockBytes = ({ bytes, lines }: TextSize, identityBytes: number): number => bytes + lines * identityBytes;

/** What numbers usually take. */
const USUAL_NUMBER_BYTES = 6;

/** The size that the text will have, rather than the most it can have. */
export const usualSize = ({ bytes, lines }: TextSize): TextSize => ({
  bytes: bytes - lines * (NUMBER_BYTES - USUAL_NUMBER_BYTES),
  lines,
});

/** What `target=""` takes, and `shard="255"`, which the prober's own series have. */
const IDENTITY_BYTES = 11;

/** The bytes of a target's own label. Names of targets have no character that is escaped. */
export const targetLabelBytes = (target: string): number => utf8Bytes(target) + IDENTITY_BYTES;
