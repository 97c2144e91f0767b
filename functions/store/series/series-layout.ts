import { escapeLabelValue } from "../../lib/label-escape.ts";
import type { Family, Labels } from "../../model/metric.ts";
import type { Column, Layout } from "../../model/snapshot.ts";

/** Numbers that are stored and remapped like series but never exposed. Their names start with `~`. */
export interface PrivateFamily {
  name: `~${string}`;
  labels: readonly string[];
  width: number;
}

/** Count of numbers in a column of the family. */
export function widthOf(family: Family | PrivateFamily): number {
  if ("width" in family) return family.width;
  return family.type === "histogram" ? family.buckets.length + 2 : 1;
}

/** Initial value of a column: NaN for gauges until they are set, otherwise 0. */
export function startOf(family: Family | PrivateFamily): number {
  return !("width" in family) && family.type === "gauge" ? Number.NaN : 0;
}

/** Printed labels without `target`, in the family's order; absent labels are omitted. */
export function printLabels(names: readonly string[], labels: Labels): string {
  let out = "";
  for (const name of names) {
    const value = labels[name];
    if (value === undefined || name === "target") continue;
    out += `${out === "" ? "" : ","}${name}="${escapeLabelValue(value)}"`;
  }
  return out;
}

/** The value of a label in printed labels; undefined if absent or if it contains escapes. */
export function printedLabel(labels: string, name: string): string | undefined {
  const at = labels.startsWith(`${name}="`) ? 0 : labels.indexOf(`,${name}="`) + 1;
  if (at === 0 && !labels.startsWith(`${name}="`)) return undefined;
  const from = at + name.length + 2;
  const to = labels.indexOf('"', from);
  return to < 0 || labels.slice(from, to).includes("\\") ? undefined : labels.slice(from, to);
}

/** A column without an offset. */
export interface ColumnName {
  family: string;
  labels: string;
  width: number;
}

/** Key of a column within a target. */
export const columnKey = (family: string, labels: string): string => `${family}\n${labels}`;

type Place = number | Map<string | undefined, Place>;

/**
 * Cache of columns by family and label values. Printing labels is the most expensive part of counting, and this avoids it:
 * a tree with one level per label, filled with the columns that were used.
 */
class PlaceTree {
  readonly #families: Map<string | undefined, Place> = new Map();

  /** The cached column for these labels; `names`: the family's label names. */
  find(family: string, names: readonly string[], labels: Labels): number | undefined {
    let place = this.#families.get(family);
    for (const name of names) {
      if (place === undefined) return undefined;
      place = (place as Map<string | undefined, Place>).get(labels[name]);
    }
    return place as number | undefined;
  }

  keep(family: string, names: readonly string[], labels: Labels, place: number): void {
    let level: Map<string | undefined, Place> = this.#families;
    let key: string | undefined = family;
    for (const name of names) {
      let next = level.get(key);
      if (next === undefined) {
        next = new Map();
        level.set(key, next);
      }
      level = next as Map<string | undefined, Place>;
      key = labels[name];
    }
    level.set(key, place);
  }
}

/** A layout with its index. Interned: equal layouts are the same object. */
export class IndexedLayout implements Layout {
  readonly columns: readonly Column[];
  readonly size: number;
  readonly #index = new Map<string, number>();
  /** Layouts with one more column, by that column's key: targets that add the same column share the result. */
  grown = new Map<string, IndexedLayout>();
  /** Offsets of used columns. */
  readonly places = new PlaceTree();

  constructor(names: readonly ColumnName[]) {
    let offset = 0;
    this.columns = names.map((n, i) => {
      this.#index.set(columnKey(n.family, n.labels), i);
      const column = { family: n.family, labels: n.labels, offset, width: n.width };
      offset += n.width;
      return column;
    });
    this.size = offset;
  }

  /** Index of a column, or undefined. */
  find(key: string): number | undefined {
    return this.#index.get(key);
  }
}

/** Layouts that are kept even if unused. */
const TRIM_FROM = 256;

/** Creates layouts in canonical order (family rank, then labels), independent of the order of discovery. */
export class LayoutPool {
  readonly #rank: ReadonlyMap<string, number>;
  #known = new Map<string, IndexedLayout>();
  #trimAt = TRIM_FROM;

  constructor(familyOrder: readonly string[]) {
    this.#rank = new Map(familyOrder.map((name, i) => [name, i]));
  }

  of(names: readonly ColumnName[]): IndexedLayout {
    const sorted = [...names].sort((a, b) => this.#compare(a, b));
    const signature = sorted.map((n) => `${n.family}\n${n.labels}\n${n.width}`).join("\t");
    let layout = this.#known.get(signature);
    if (layout === undefined) {
      layout = new IndexedLayout(sorted);
      this.#known.set(signature, layout);
    }
    return layout;
  }

  grow(layout: IndexedLayout, name: ColumnName): IndexedLayout {
    const key = columnKey(name.family, name.labels);
    let larger = layout.grown.get(key);
    if (larger === undefined) {
      larger = this.of([...layout.columns, name]);
      layout.grown.set(key, larger);
    }
    return larger;
  }

  /** Drops unused layouts once there may be many: a target that reports new labels each time must not fill memory. */
  trim(inUse: () => readonly IndexedLayout[]): void {
    if (this.#known.size < this.#trimAt) return;
    const used = new Set(inUse());
    for (const layout of used) layout.grown = new Map();
    this.#known = new Map([...this.#known].filter(([, layout]) => used.has(layout)));
    this.#trimAt = TRIM_FROM + 2 * this.#known.size;
  }

  #compare(a: ColumnName, b: ColumnName): number {
    const byRank = (this.#rank.get(a.family) ?? 0) - (this.#rank.get(b.family) ?? 0);
    if (byRank !== 0) return byRank;
    return a.labels < b.labels ? -1 : a.labels > b.labels ? 1 : 0;
  }
}
