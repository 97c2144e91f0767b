import type { Family, Labels, Observation } from "../../model/metric.ts";
import type { Column } from "../../model/snapshot.ts";
import { emptyBlock, type LiveBlock, movedBlock } from "./live-block.ts";
import {
  type ColumnName,
  columnKey,
  LayoutPool,
  type PrivateFamily,
  printLabels,
  startOf,
  widthOf,
} from "./series-layout.ts";

/** The series that a target shall have from now on. */
export interface Wanted {
  target: string;
  /** Exposed from the first scrape on. */
  initial: readonly { family: string; labels: Labels }[];
  /** Whether an existing column that is not in `initial` is kept. */
  keep: (family: string, labels: string) => boolean;
}

/** All series of a Monitor: one block of numbers per target. Columns are matched by name, so config changes keep counts. */
export class SeriesTable {
  readonly #families = new Map<string, Family | PrivateFamily>();
  /** Label names of each family, without `target`. */
  readonly #labels = new Map<string, readonly string[]>();
  readonly #pool: LayoutPool;
  #blocks = new Map<string, LiveBlock>();
  #structure = 0;

  constructor(families: readonly (Family | PrivateFamily)[]) {
    for (const f of families) {
      this.#families.set(f.name, f);
      this.#labels.set(
        f.name,
        f.labels.filter((name) => name !== "target"),
      );
    }
    this.#pool = new LayoutPool(families.map((f) => f.name));
  }

  /** In the order of the last `reconcile`, then of `open`. */
  get blocks(): ReadonlyMap<string, LiveBlock> {
    return this.#blocks;
  }

  /** Increases whenever a column or block is added or removed. */
  get structure(): number {
    return this.#structure;
  }

  /** Loads a stored block. Columns whose family is gone or has changed its width are dropped. */
  restore(
    target: string,
    names: readonly ColumnName[],
    values: Float64Array,
    createdAt: number,
    later: ReadonlyMap<number, number>,
  ): void {
    const kept: { name: ColumnName; from: number; createdLater: number | undefined }[] = [];
    let from = 0;
    names.forEach((name, i) => {
      const family = this.#families.get(name.family);
      if (family !== undefined && widthOf(family) === name.width) kept.push({ name, from, createdLater: later.get(i) });
      from += name.width;
    });
    const block = emptyBlock(this.#families, target, this.#pool.of(kept.map((k) => k.name)), createdAt);
    for (const { name, from: start, createdLater } of kept) {
      const index = block.layout.find(columnKey(name.family, name.labels)) as number;
      const column = block.layout.columns[index] as { offset: number };
      block.values.set(values.subarray(start, start + name.width), column.offset);
      if (createdLater !== undefined) block.createdLater.set(index, createdLater);
    }
    block.dirty = false;
    this.#blocks.set(target, block);
    this.#structure++;
  }

  /** Makes the table contain exactly the wanted targets. Kept columns are copied by name with their numbers. */
  reconcile(wanted: readonly Wanted[], now: number): void {
    const next = new Map<string, LiveBlock>();
    for (const want of wanted) {
      const old = this.#blocks.get(want.target);
      const names = new Map<string, ColumnName>();
      for (const { family, labels } of want.initial) {
        const name = this.#columnName(family, labels);
        names.set(columnKey(name.family, name.labels), name);
      }
      for (const c of old?.layout.columns ?? [])
        if (want.keep(c.family, c.labels)) names.set(columnKey(c.family, c.labels), c);
      const layout = this.#pool.of([...names.values()]);
      next.set(
        want.target,
        old === undefined
          ? emptyBlock(this.#families, want.target, layout, now)
          : movedBlock(this.#families, old, layout, now),
      );
    }
    this.#blocks = next;
    this.#structure++;
  }

  /** Applies an observation by the family's type: a counter adds it, a gauge or stateset is set to it, a histogram counts it. */
  observe(target: string, o: Observation, now: number): void {
    const { block, offset } = this.at(target, o.family, o.labels, now);
    const family = this.#families.get(o.family) as Family;
    const v = block.values;
    if (family.type === "counter") {
      if (!(o.value >= 0)) throw new RangeError(`Cannot add ${o.value} to counter ${o.family}: it would go down.`);
      v[offset] = (v[offset] as number) + o.value;
    } else if (family.type === "histogram") {
      let b = 0;
      while (b < family.buckets.length && o.value > (family.buckets[b] as number)) b++;
      v[offset + b] = (v[offset + b] as number) + 1;
      const sum = offset + family.buckets.length + 1;
      v[sum] = (v[sum] as number) + o.value;
    } else v[offset] = o.value;
  }

  /** Adds counts of a reported histogram: `counts` per bucket of the family, not cumulative, the last above all bounds. */
  addCounts(target: string, family: string, labels: Labels, counts: readonly number[], sum: number, now: number): void {
    const { block, offset } = this.at(target, family, labels, now);
    counts.forEach((count, i) => {
      block.values[offset + i] = (block.values[offset + i] as number) + count;
    });
    const last = offset + counts.length;
    block.values[last] = (block.values[last] as number) + sum;
  }

  /** Position of a column's numbers. A missing column is created. The block counts as changed. */
  at(target: string, family: string, labels: Labels, now: number): { block: LiveBlock; offset: number } {
    const block = this.#blocks.get(target);
    if (block === undefined) throw new Error(`Cannot find series of target "${target}": it is not in the table.`);
    block.dirty = true;
    const names = this.#labels.get(family) ?? [];
    const known = block.layout.places.find(family, names, labels);
    if (known !== undefined) return { block, offset: known };

    const name = this.#columnName(family, labels);
    const key = columnKey(name.family, name.labels);
    if (block.layout.find(key) === undefined) {
      const larger = movedBlock(this.#families, block, this.#pool.grow(block.layout, name), now);
      Object.assign(block, larger);
      this.#structure++;
    }
    const { offset } = block.layout.columns[block.layout.find(key) as number] as { offset: number };
    block.layout.places.keep(family, names, labels, offset);
    return { block, offset };
  }

  /** Whether the column exists. */
  has(target: string, family: string, labels: Labels): boolean {
    const layout = this.#blocks.get(target)?.layout;
    const names = this.#labels.get(family) ?? [];
    if (layout?.places.find(family, names, labels) !== undefined) return true;
    return layout?.find(columnKey(family, printLabels(names, labels))) !== undefined;
  }

  /** The first number of a column; undefined if the column does not exist. */
  read(target: string, family: string, labels: Labels): number | undefined {
    const block = this.#blocks.get(target);
    const names = this.#labels.get(family) ?? [];
    const place = block?.layout.places.find(family, names, labels);
    if (place !== undefined) return block?.values[place];
    const index = block?.layout.find(columnKey(family, printLabels(names, labels)));
    if (block === undefined || index === undefined) return undefined;
    return block.values[(block.layout.columns[index] as { offset: number }).offset];
  }

  /** Creates an empty block if the name has none. */
  open(target: string, now: number): LiveBlock {
    const known = this.#blocks.get(target);
    if (known !== undefined) return known;
    const block = emptyBlock(this.#families, target, this.#pool.of([]), now);
    this.#blocks.set(target, block);
    this.#structure++;
    return block;
  }

  /** Removes a block. */
  drop(target: string): void {
    if (this.#blocks.delete(target)) this.#structure++;
  }

  /** Creates missing columns in one step: adding them one by one would create a layout for each. */
  widen(target: string, series: readonly { family: string; labels: Labels }[], now: number): void {
    const block = this.#blocks.get(target);
    if (block === undefined) throw new Error(`Cannot find series of target "${target}": it is not in the table.`);
    const names = new Map<string, ColumnName>();
    for (const { family, labels } of series) {
      if (this.has(target, family, labels)) continue;
      const name = this.#columnName(family, labels);
      names.set(columnKey(name.family, name.labels), name);
    }
    if (names.size === 0) return;
    Object.assign(
      block,
      movedBlock(this.#families, block, this.#pool.of([...block.layout.columns, ...names.values()]), now),
    );
    this.#structure++;
    this.#pool.trim(() => [...this.#blocks.values()].map(({ layout }) => layout));
  }

  /** Removes columns in one step; `labels` as printed. */
  remove(target: string, series: readonly { family: string; labels: string }[]): void {
    const block = this.#blocks.get(target);
    if (block === undefined) return;
    const gone = new Set(series.map(({ family, labels }) => columnKey(family, labels)));
    const kept = block.layout.columns.filter(({ family, labels }) => !gone.has(columnKey(family, labels)));
    Object.assign(block, movedBlock(this.#families, block, this.#pool.of(kept), block.createdAt));
    block.dirty = true;
    this.#structure++;
  }

  /** Resets a column to its initial value; `labels` as printed. */
  clear(target: string, family: string, labels: string): void {
    const block = this.#blocks.get(target);
    const index = block?.layout.find(columnKey(family, labels));
    const known = this.#families.get(family);
    if (block === undefined || index === undefined || known === undefined) return;
    const { offset, width } = block.layout.columns[index] as Column;
    block.values.fill(startOf(known), offset, offset + width);
    block.dirty = true;
  }

  /** A family of the table; undefined if unknown. */
  family(name: string): Family | PrivateFamily | undefined {
    return this.#families.get(name);
  }

  #columnName(family: string, labels: Labels): ColumnName {
    const known = this.#families.get(family);
    if (known === undefined) throw new Error(`Cannot use family ${family}: it is not declared.`);
    return { family, labels: printLabels(known.labels, labels), width: widthOf(known) };
  }
}
