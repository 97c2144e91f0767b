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
  /** Shown from the first scrape on. */
  initial: readonly { family: string; labels: Labels }[];
  /** Whether a column that is there, but not among `initial`, is still meant. */
  keep: (family: string, labels: string) => boolean;
}

/** All series of a Monitor: one block of numbers per target, laid out by name so that no change of config moves a count. */
export class SeriesTable {
  readonly #families = new Map<string, Family | PrivateFamily>();
  /** Names of each family's labels but `target`. */
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

  /** In the order of the last `reconcile`, then as they were opened. */
  get blocks(): ReadonlyMap<string, LiveBlock> {
    return this.#blocks;
  }

  /** Goes up whenever a column or block comes or goes. */
  get structure(): number {
    return this.#structure;
  }

  /** Puts a stored block in place; columns whose family is gone or has another width now are left out. */
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

  /** Makes the table hold exactly the wanted targets. What stays is copied by name; nothing else changes a number. */
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

  /** Applies a fact by the family's type: a counter adds, a gauge or stateset takes, a histogram counts. */
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

  /** Adds what a histogram counted elsewhere: `counts` per bucket of the family, not cumulative, the last above all bounds. */
  addCounts(target: string, family: string, labels: Labels, counts: readonly number[], sum: number, now: number): void {
    const { block, offset } = this.at(target, family, labels, now);
    counts.forEach((count, i) => {
      block.values[offset + i] = (block.values[offset + i] as number) + count;
    });
    const last = offset + counts.length;
    block.values[last] = (block.values[last] as number) + sum;
  }

  /** Where a column's numbers stand, made if it is not there yet; the block counts as changed. */
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

  /** Whether there is such a column. */
  has(target: string, family: string, labels: Labels): boolean {
    const layout = this.#blocks.get(target)?.layout;
    const names = this.#labels.get(family) ?? [];
    if (layout?.places.find(family, names, labels) !== undefined) return true;
    return layout?.find(columnKey(family, printLabels(names, labels))) !== undefined;
  }

  /** The first number of a column, or undefined where there is no such column. */
  read(target: string, family: string, labels: Labels): number | undefined {
    const block = this.#blocks.get(target);
    const names = this.#labels.get(family) ?? [];
    const place = block?.layout.places.find(family, names, labels);
    if (place !== undefined) return block?.values[place];
    const index = block?.layout.find(columnKey(family, printLabels(names, labels)));
    if (block === undefined || index === undefined) return undefined;
    return block.values[(block.layout.columns[index] as { offset: number }).offset];
  }

  /** Makes an empty block for a name that has none. */
  open(target: string, now: number): LiveBlock {
    const known = this.#blocks.get(target);
    if (known !== undefined) return known;
    const block = emptyBlock(this.#families, target, this.#pool.of([]), now);
    this.#blocks.set(target, block);
    this.#structure++;
    return block;
  }

  /** Drops a block. */
  drop(target: string): void {
    if (this.#blocks.delete(target)) this.#structure++;
  }

  /** Makes the columns that are not there yet, all in one step: one by one costs a layout each. */
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

  /** Puts a column back to what it was before its first value; `labels` as they are printed. */
  clear(target: string, family: string, labels: string): void {
    const block = this.#blocks.get(target);
    const index = block?.layout.find(columnKey(family, labels));
    const known = this.#families.get(family);
    if (block === undefined || index === undefined || known === undefined) return;
    const { offset, width } = block.layout.columns[index] as Column;
    block.values.fill(startOf(known), offset, offset + width);
    block.dirty = true;
  }

  /** A family that the table was made with. */
  family(name: string): Family | PrivateFamily | undefined {
    return this.#families.get(name);
  }

  #columnName(family: string, labels: Labels): ColumnName {
    const known = this.#families.get(family);
    if (known === undefined) throw new Error(`Cannot use family ${family}: it is not declared.`);
    return { family, labels: printLabels(known.labels, labels), width: widthOf(known) };
  }
}
