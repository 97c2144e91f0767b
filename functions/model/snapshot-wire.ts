import type { Exposed } from "./exposed.ts";
import type { Block, Column, Layout, Snapshot } from "./snapshot.ts";

/**
 * A snapshot as sent from a Monitor to a Worker: one array of numbers, and the names only if the reader does not have them
 * yet. Layouts are listed once and referred to by index.
 */
export interface WireSnapshot {
  version: string;
  /** Equal structures mean equal names in equal order. */
  structure: string;
  names: { layouts: Layout[]; blocks: WireBlock[]; bounds: Exposed["bounds"] } | undefined;
  values: Float64Array;
}

interface WireBlock {
  target: string;
  layout: number;
  createdAt: number;
  /** Pairs of a column's index and the epoch ms. */
  createdLater: number[][];
}

/** A layout with some of its columns, and where their numbers and they themselves are in the whole one. */
export interface NarrowLayout {
  layout: Layout;
  /** Pairs: from where to where numbers of the whole layout are taken. */
  runs: readonly number[];
  /** For each column its index in the whole layout. */
  columns: readonly number[];
}

/** The layout with the columns that are kept. */
export function narrowLayout(whole: Layout, keep: (column: Column) => boolean): NarrowLayout {
  const kept: Column[] = [];
  const indexes: number[] = [];
  const runs: number[] = [];
  let offset = 0;
  for (const [i, column] of whole.columns.entries()) {
    if (!keep(column)) continue;
    kept.push({ ...column, offset });
    indexes.push(i);
    offset += column.width;
    if (runs.at(-1) === column.offset) runs.pop();
    else runs.push(column.offset);
    runs.push(column.offset + column.width);
  }
  return { layout: { columns: kept, size: offset }, runs, columns: indexes };
}

/** What is packed. */
export interface Packing {
  version: string;
  structure: string;
  blocks: readonly Block[];
  /** What is sent of a layout; must answer with the same object for the same one. Absent: all of it. */
  narrow?: (layout: Layout) => NarrowLayout;
  /** As in `Snapshot`. */
  bounds?: Exposed["bounds"];
}

/** Packs blocks. `known` is the structure that the reader has. */
export function packSnapshot(
  { version, structure, blocks, narrow = allOf(), bounds = {} }: Packing,
  known: string | undefined,
): WireSnapshot {
  const narrowed = blocks.map(({ layout }) => narrow(layout));
  const values = new Float64Array(narrowed.reduce((sum, { layout }) => sum + layout.size, 0));
  let at = 0;
  for (const [i, { runs }] of narrowed.entries()) {
    const all = (blocks[i] as Block).values;
    for (let run = 0; run < runs.length; run += 2) {
      const part = all.subarray(runs[run], runs[run + 1]);
      values.set(part, at);
      at += part.length;
    }
  }
  const names = known === structure ? undefined : { ...packNames(blocks, narrowed), bounds };
  return { version, structure, names, values };
}

/** Keeps every column. */
function allOf(): (layout: Layout) => NarrowLayout {
  const known = new Map<Layout, NarrowLayout>();
  return (layout) => {
    const all = known.get(layout) ?? narrowLayout(layout, () => true);
    known.set(layout, all);
    return all;
  };
}

function packNames(
  blocks: readonly Block[],
  narrowed: readonly NarrowLayout[],
): { layouts: Layout[]; blocks: WireBlock[] } {
  const index = new Map<NarrowLayout, number>();
  const layouts: Layout[] = [];
  const packed = blocks.map((block, i): WireBlock => {
    const narrow = narrowed[i] as NarrowLayout;
    let layout = index.get(narrow);
    if (layout === undefined) {
      layout = layouts.push(narrow.layout) - 1;
      index.set(narrow, layout);
    }
    return { target: block.target, layout, createdAt: block.createdAt, createdLater: laterOf(block, narrow) };
  });
  return { layouts, blocks: packed };
}

function laterOf({ createdLater }: Block, { columns }: NarrowLayout): number[][] {
  if (createdLater.size === 0) return [];
  return columns.flatMap((whole, i) => {
    const at = createdLater.get(whole);
    return at === undefined ? [] : [[i, at]];
  });
}

/** Caches one Monitor's names between reads, so that only numbers are sent while series stay the same. */
export class SnapshotReader {
  #structure: string | undefined;
  #blocks: Omit<Block, "values">[] = [];
  #bounds: Exposed["bounds"] = {};
  #names = 0;

  /** The structure to send with the next request. */
  get structure(): string | undefined {
    return this.#structure;
  }

  /** How many names it caches, of columns and blocks. */
  get names(): number {
    return this.#names;
  }

  /** Undefined where the snapshot has no names and those that it belongs to are not cached: ask for it with names. */
  accept(wire: WireSnapshot): Snapshot | undefined {
    if (wire.names !== undefined) this.#keep(wire.names, wire.structure);
    else if (this.#structure !== wire.structure) return undefined;
    let at = 0;
    const blocks = this.#blocks.map((b): Block => {
      const values = wire.values.subarray(at, at + b.layout.size);
      at += b.layout.size;
      return { ...b, values };
    });
    return { version: wire.version, blocks, bounds: this.#bounds };
  }

  #keep({ layouts, blocks, bounds }: NonNullable<WireSnapshot["names"]>, structure: string): void {
    this.#blocks = blocks.map((b) => ({
      target: b.target,
      layout: layouts[b.layout] as Layout,
      createdAt: b.createdAt,
      createdLater: new Map(b.createdLater as [number, number][]),
    }));
    this.#bounds = bounds;
    this.#structure = structure;
    this.#names = layouts.reduce((sum, { columns }) => sum + columns.length, blocks.length);
  }
}
