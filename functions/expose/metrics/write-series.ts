import type { Family } from "../../model/metric.ts";
import type { Block } from "../../model/snapshot.ts";
import type { Page } from "./byte-page.ts";
import type { Part } from "./layout-plan.ts";

/** A block, and where the heads of its lines stand in the page: line `i` from `starts[i]` to `starts[i + 1]`. */
export interface Source {
  block: Block;
  starts: Uint32Array;
}

/**
 * Writes one series: its lines are the `lines` ones from number `line` on. Nothing is written where a number is NaN: it
 * has no value yet.
 */
export function writeSeries(page: Page, family: Family, source: Source, part: Part, line: number, lines: number): void {
  const { block } = source;
  let written = 1;
  if (family.type === "histogram") {
    if (!writeHistogram(page, family.buckets, source, part, line)) return;
    written = family.buckets.length + 3;
  } else {
    const value = block.values[part.offset] as number;
    if (family.type === "stateset") {
      if (family.states[value] !== undefined)
        for (let i = 0; i < lines; i++) writeLine(page, source, line + i, i === value ? 1 : 0);
      return;
    }
    if (Number.isNaN(value)) return;
    writeLine(page, source, line, value);
  }
  if (written < lines) {
    const createdAt = block.createdLater.get(part.column) ?? block.createdAt;
    writeLine(page, source, line + written, createdAt / 1000);
  }
}

function writeLine(page: Page, { starts }: Source, line: number, value: number): void {
  page.head(starts[line] as number, starts[line + 1] as number);
  page.number(value);
  page.newline();
}

/** Writes a line per bucket, the count and the sum; false if there was nothing to write. */
function writeHistogram(
  page: Page,
  buckets: readonly number[],
  source: Source,
  { offset, exemplar }: Part,
  line: number,
): boolean {
  const { values } = source.block;
  const last = buckets.length;
  const sum = values[offset + last + 1] as number;
  let count = 0;
  for (let i = 0; i <= last; i++) count += values[offset + i] as number;
  if (Number.isNaN(count) || Number.isNaN(sum)) return false;

  const marked = exemplar < 0 ? -1 : bucketOf(buckets, values[exemplar + 4] as number);
  let below = 0;
  for (let i = 0; i <= last; i++) {
    const inside = values[offset + i] as number;
    below += inside;
    page.head(source.starts[line + i] as number, source.starts[line + i + 1] as number);
    page.number(below);
    if (i === marked && inside > 0) writeExemplar(page, values, exemplar);
    page.newline();
  }
  writeLine(page, source, line + last + 1, count);
  writeLine(page, source, line + last + 2, sum);
  return true;
}

/** The bucket that counts the value; -1 where none does. */
function bucketOf(buckets: readonly number[], value: number): number {
  if (!Number.isFinite(value)) return -1;
  const i = buckets.findIndex((bound) => value <= bound);
  return i < 0 ? buckets.length : i;
}

/** Nothing is written for a run that was not traced: its trace id is all zeros. */
function writeExemplar(page: Page, values: Float64Array, at: number): void {
  const traceId = values.subarray(at, at + 4);
  const endedAt = values[at + 5] as number;
  if (traceId.some((word) => word > 0) && Number.isFinite(endedAt))
    page.exemplar(traceId, values[at + 4] as number, endedAt / 1000);
}
