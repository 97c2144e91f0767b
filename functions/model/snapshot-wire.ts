import type { Block, Layout, Snapshot } from "./snapshot.ts";

/**
 * A snapshot as sent from a Monitor to a Worker: one array of numbers, and the names only if the reader does not have them
 * yet. Layouts are listed once and referred to by index.
 */
export interface WireSnapshot {
  version: string;
  /** Equal structures mean equal names in equal order. */
  structure: string;
  names: { layouts: Layout[]; blocks: WireBlock[] } | undefined;
  values: Float64Array;
}

interface WireBlock {
  target: string;
  layout: number;
  createdAt: number;
  /** Pairs of a column's index and the epoch ms. */
  createdLater: number[][];
}

/** Packs blocks. `known` is the structure that the reader has. */
export function packSnapshot(
  version: string,
  structure: string,
  blocks: readonly Block[],
  known: string | undefined,
): WireSnapshot {
  const values = new Float64Array(blocks.reduce((n, b) => n + b.layout.size, 0));
  let at = 0;
  for (const b of blocks) {
    values.set(b.values, at);
    at += b.layout.size;
  }
  return { version, structure, names: known === structure ? undefined : packNames(blocks), values };
}

function packNames(blocks: readonly Block[]): WireSnapshot["names"] {
  const index = new Map<Layout, number>();
  const layouts: Layout[] = [];
  const packed = blocks.map((b): WireBlock => {
    let layout = index.get(b.layout);
    if (layout === undefined) {
      layout = layouts.push({ columns: b.layout.columns, size: b.layout.size }) - 1;
      index.set(b.layout, layout);
    }
    return { target: b.target, layout, createdAt: b.createdAt, createdLater: [...b.createdLater] };
  });
  return { layouts, blocks: packed };
}

/** Caches one Monitor's names between reads, so that only numbers are sent while series stay the same. */
export class SnapshotReader {
  #structure: string | undefined;
  #blocks: Omit<Block, "values">[] = [];

  /** The structure to send with the next request. */
  get structure(): string | undefined {
    return this.#structure;
  }

  accept(wire: WireSnapshot): Snapshot {
    if (wire.names !== undefined) {
      const { layouts, blocks } = wire.names;
      this.#blocks = blocks.map((b) => ({
        target: b.target,
        layout: layouts[b.layout] as Layout,
        createdAt: b.createdAt,
        createdLater: new Map(b.createdLater as [number, number][]),
      }));
      this.#structure = wire.structure;
    } else if (this.#structure !== wire.structure)
      throw new Error("Cannot read a snapshot without names: its structure is not the cached one.");
    let at = 0;
    const blocks = this.#blocks.map((b): Block => {
      const values = wire.values.subarray(at, at + b.layout.size);
      at += b.layout.size;
      return { ...b, values };
    });
    return { version: wire.version, blocks };
  }
}
