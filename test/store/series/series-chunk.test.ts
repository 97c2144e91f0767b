import { expect, it } from "vitest";
import type { Family } from "../../../functions/model/metric.ts";
import {
  CHUNK_CUT_BYTES,
  cutChunks,
  encodeNames,
  MAX_VALUE_BYTES,
} from "../../../functions/store/series/series-chunk.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";

const START = Date.UTC(2030, 0, 1);
const FAMILIES: readonly Family[] = [
  { name: "jobs_total", type: "counter", help: "Jobs.", labels: ["target", "kind"] },
];

/** Bytes of the names of each chunk, of targets whose labels are their own: `letter` repeated makes them long. */
function namesOf(letter: string): number[] {
  const table = new SeriesTable(FAMILIES);
  const names = Array.from({ length: 200 }, (_, i) => `target-${i}`);
  table.reconcile(
    names.map((target) => ({ target, initial: [], keep: () => true })),
    START,
  );
  for (const target of names)
    table.widen(
      target,
      Array.from({ length: 60 }, (_, i) => ({
        family: "jobs_total",
        labels: { kind: `${target}-${i}-${letter.repeat(100)}` },
      })),
      START,
    );
  const chunks = cutChunks(table.blocks.values());
  expect(chunks.flat()).toHaveLength(names.length);
  return chunks.map((blocks) => new TextEncoder().encode(encodeNames(blocks)).byteLength);
}

it.each([
  ["of one byte a character", "k"],
  ["of three bytes a character", "名"],
])("chunks with names %s are as full as they may be, and none is too large to store", (_, letter) => {
  const bytes = namesOf(letter);
  expect(bytes.length).toBeGreaterThan(1);
  for (const [i, size] of bytes.entries()) {
    expect(size).toBeLessThan(MAX_VALUE_BYTES);
    // Each chunk is a row that is written again whenever anything in it changes.
    if (i < bytes.length - 1) expect(size).toBeGreaterThan(0.6 * CHUNK_CUT_BYTES);
  }
});
