import type { Family } from "../../model/metric.ts";
import type { Block } from "../../model/snapshot.ts";
import { columnKey, type IndexedLayout, type PrivateFamily, startOf } from "./series-layout.ts";

/** A target's numbers, and whether they have changed since they were last written. */
export interface LiveBlock extends Block {
  layout: IndexedLayout;
  values: Float64Array;
  createdAt: number;
  createdLater: Map<number, number>;
  dirty: boolean;
}

type Families = ReadonlyMap<string, Family | PrivateFamily>;

/** A block whose series are as they are before their first value. */
export function emptyBlock(families: Families, target: string, layout: IndexedLayout, now: number): LiveBlock {
  const values = new Float64Array(layout.size);
  for (const c of layout.columns) {
    const family = families.get(c.family);
    if (family !== undefined) values.fill(startOf(family), c.offset, c.offset + c.width);
  }
  return { target, layout, values, createdAt: now, createdLater: new Map(), dirty: true };
}

/** The block in another layout: what both have keeps its numbers, the rest begins `now`. */
export function movedBlock(families: Families, old: LiveBlock, layout: IndexedLayout, now: number): LiveBlock {
  if (old.layout === layout) return old;
  const block = emptyBlock(families, old.target, layout, old.createdAt);
  layout.columns.forEach((c, i) => {
    const was = old.layout.find(columnKey(c.family, c.labels));
    if (was === undefined) {
      if (now !== block.createdAt) block.createdLater.set(i, now);
      return;
    }
    const from = old.layout.columns[was] as { offset: number };
    block.values.set(old.values.subarray(from.offset, from.offset + c.width), c.offset);
    const createdLater = old.createdLater.get(was);
    if (createdLater !== undefined) block.createdLater.set(i, createdLater);
  });
  return block;
}
