import { escapeLabelValue } from "../../lib/label-escape.ts";
import type { Family, Labels } from "../../model/metric.ts";
import type { Column, Layout } from "../../model/snapshot.ts";

/** Numbers that are kept and remapped like series but never shown; their names start with `~`. */
export interface PrivateFamily {
  name: `~${string}`;
  labels: readonly string[];
  width: number;
}

/** Numbers that a column of the family takes. */
export function widthOf(family: Family | PrivateFamily): number {
  if ("width" in family) return family.width;
  return family.type === "histogram" ? family.buckets.length + 2 : 1;
}

/** The value a new column starts with: gauges have none (NaN) until they are set, all else starts at 0. */
export function startOf(family: Family | PrivateFamily): number {
  return !("width" in family) && family.type === "gauge" ? Number.NaN : 0;
}

/** Labels without `target` as they are printed, in the family's order; a label that is absent is left out. */
export function printLabels(names: readonly string[], labels: Labels): string {
  let out = "";
  for (const name of names) {
    const value = labels[name];
    if (value === undefined || name === "target") continue;
    out += `${out === "" ? "" : ","}${name}="${escapeLabelValue(value)}"`;
  }
  return out;
}

/** The value of a label in printed labels, where it holds nothing that is escaped; else undefined. */
export function printedLabel(labels: string, name: string): string | undefined {
  const at = labels.startsWith(`${name}="`) ? 0 : labels.indexOf(`,${name}="`) + 1;
  if (at === 0 && !labels.startsWith(`${name}="`)) return undefined;
  const from = at + name.length + 2;
  const to = labels.indexOf('"', from);
  return to < 0 || labels.slice(from, to).includes("\\") ? undefined : labels.slice(from, to);
}

/** A column before it has its place. */
export interface ColumnName {
  family: string;
  labels: string;
  width: number;
}

/** Names a column within a target. */
export const columnKey = (family: string, labels: string): string => `${family}\n${labels}`;

type Place = number | Map<string | undefined, Place>;

/**
 * Columns by family and values of labels. Printing labels is the costliest part of a count, and this needs none: it is a
 * tree with a level per label, filled with the columns that were asked for.
 */
class PlaceTree {
  readonly #families: Map<string | undefined, Place> = new Map();

  /** What was kept for these labels; `names` are those of the family. */
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

/** A layout with its index; interned, so that equal layouts are one object. */
export class IndexedLayout implements Layout {
  readonly columns: readonly Column[];
  readonly size: number;
  readonly #index = new Map<string, number>();
  /** Layouts one column larger, by that column's key: what one target learnt the others find ready. */
  grown = new Map<string, IndexedLayout>();
  /** Offsets of columns that were asked for. */
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

/** Layouts that are kept whether or not somebody uses them. */
const TRIM_FROM = 256;

/** Makes layouts in one canonical order (family rank, then labels), so that the order of discovery does not matter. */
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

  /** Forgets layouts that nobody uses, once they may be many: whoever tells us new labels each time must not fill memory. */
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
