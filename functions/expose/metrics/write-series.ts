import { NUMBER_BYTES } from "../../model/exposed-size.ts";
import type { Family } from "../../model/metric.ts";
import type { Block } from "../../model/snapshot.ts";
import type { Part } from "./layout-plan.ts";
import { type TextBuffer, VALUE_BYTES } from "./text-buffer.ts";

/**
 * Fragments of a series' lines. Line `i` is `names[i]`, the block's own label, and `labels[i]`, which ends with the blank
 * before the value. Each reaches to the next one's place.
 */
export interface SeriesText {
  names: Uint32Array;
  labels: Uint32Array;
  /** The most bytes of all lines together, but for the block's own label. */
  bytes: number;
}

/** A block, and its own label as printed, `target="..."` or `shard="..."`; empty where it has none. */
export interface Source {
  block: Block;
  identity: Uint8Array;
  /** Bounds shown of histograms, by family; absent: all. */
  bounds: Readonly<Record<string, readonly number[]>>;
}

/** Whether the series has a value: NaN is none yet, and a stateset may hold a state that is not known here. */
export function hasValue(family: Family, { block }: Source, { offset }: Part): boolean {
  const { values } = block;
  if (family.type === "stateset") return family.states[values[offset] as number] !== undefined;
  if (family.type !== "histogram") return !Number.isNaN(values[offset]);
  let sum = 0;
  for (let i = 0; i < family.buckets.length + 2; i++) sum += values[offset + i] as number;
  return !Number.isNaN(sum);
}

/** The most bytes that writing the series takes. */
export const roomFor = ({ bytes, names }: SeriesText, { identity }: Source, { exemplar }: Part): number =>
  bytes + (names.length - 1) * identity.length + (exemplar < 0 ? 0 : VALUE_BYTES - NUMBER_BYTES);

/** Writes a series that has a value. */
export function writeSeries(buffer: TextBuffer, family: Family, text: SeriesText, source: Source, part: Part): void {
  const { block } = source;
  const line = (i: number, value: number): void => {
    writeHead(buffer, text, source, i);
    buffer.number(value);
    buffer.newline();
  };
  const lines = text.names.length - 1;
  let written = 1;
  if (family.type === "histogram") {
    writeBuckets(buffer, family, text, source, part);
    const last = family.buckets.length;
    let count = 0;
    for (let i = 0; i <= last; i++) count += block.values[part.offset + i] as number;
    line(last + 1, count);
    line(last + 2, block.values[part.offset + last + 1] as number);
    written = last + 3;
  } else if (family.type === "stateset") {
    const state = block.values[part.offset] as number;
    for (let i = 0; i < lines; i++) line(i, i === state ? 1 : 0);
    return;
  } else line(0, block.values[part.offset] as number);
  if (written < lines) line(written, (block.createdLater.get(part.column) ?? block.createdAt) / 1000);
}

function writeHead(buffer: TextBuffer, { names, labels }: SeriesText, { identity }: Source, i: number): void {
  buffer.fragment(names[i] as number, names[i + 1] as number);
  buffer.raw(identity);
  buffer.fragment(labels[i] as number, labels[i + 1] as number);
}

function writeBuckets(
  buffer: TextBuffer,
  { name, buckets }: Family & { type: "histogram" },
  text: SeriesText,
  source: Source,
  { offset, exemplar }: Part,
): void {
  const { values } = source.block;
  const last = buckets.length;
  const shown = source.bounds[name];
  const marked = exemplar < 0 ? -1 : bucketOf(buckets, values[exemplar + 4] as number);
  let below = 0;
  /** Whether the bucket of the exemplar is in the next line that is written. */
  let isMarked = false;
  for (let i = 0; i <= last; i++) {
    const inside = values[offset + i] as number;
    below += inside;
    if (i === marked && inside > 0) isMarked = true;
    if (i < last && shown !== undefined && !shown.includes(i)) continue;
    writeHead(buffer, text, source, i);
    buffer.number(below);
    if (isMarked) writeExemplar(buffer, values, exemplar);
    isMarked = false;
    buffer.newline();
  }
}

/** The bucket that counts the value; -1 where none does. */
function bucketOf(buckets: readonly number[], value: number): number {
  if (!Number.isFinite(value)) return -1;
  const i = buckets.findIndex((bound) => value <= bound);
  return i < 0 ? buckets.length : i;
}

/** Nothing is written for a run that was not traced: its trace id is all zeros. */
function writeExemplar(buffer: TextBuffer, values: Float64Array, at: number): void {
  const traceId = values.subarray(at, at + 4);
  const endedAt = values[at + 5] as number;
  if (traceId.some((word) => word > 0) && Number.isFinite(endedAt))
    buffer.exemplar(traceId, values[at + 4] as number, endedAt / 1000);
}
