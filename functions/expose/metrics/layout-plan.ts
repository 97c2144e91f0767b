import type { Family } from "../../model/metric.ts";
import { type Column, EXEMPLAR_FAMILY, type Layout } from "../../model/snapshot.ts";
import type { FamilyForm } from "./family-form.ts";

/** The only family with exemplars, and the numbers of one: four parts of the trace id, the duration, the end. */
const EXEMPLARS_ON = "zako_v1_probe_duration_seconds";
const EXEMPLAR_WIDTH = 6;

/** A column that is shown. */
export interface Part {
  labels: string;
  offset: number;
  /** Index in the layout, the key of `Block.createdLater`. */
  column: number;
  /** Where the numbers of its exemplar stand; -1 without one. */
  exemplar: number;
}

/** What a layout shows, by family in the order of exposition. Lines are numbered through all families. */
export interface LayoutPlan {
  layout: Layout;
  parts: readonly (readonly Part[])[];
  /** Number of the first line of each family. */
  firstLine: readonly number[];
  lines: number;
  exemplars: number;
  /** Columns that cannot be shown: an unknown family, another width than the family's, or named twice. */
  unexposed: number;
}

/** Whether two layouts name the same columns; layouts that came over RPC are new objects each time. */
export function sameLayout(a: Layout, b: Layout): boolean {
  if (a === b) return true;
  if (a.size !== b.size || a.columns.length !== b.columns.length) return false;
  return a.columns.every((x, i) => {
    const y = b.columns[i] as Column;
    return x.offset === y.offset && x.width === y.width && x.family === y.family && x.labels === y.labels;
  });
}

const widthOf = (family: Family): number => (family.type === "histogram" ? family.buckets.length + 2 : 1);

/** Sorts a layout's columns by family. Done once per layout: it is the costly part of a rendering. */
export function planLayout(layout: Layout, forms: readonly FamilyForm[], withExemplars: boolean): LayoutPlan {
  const indexOf = new Map(forms.map(({ family }, i) => [family.name, i]));
  const exemplars = new Map<string, number>();
  if (withExemplars)
    for (const c of layout.columns)
      if (c.family === EXEMPLAR_FAMILY && fits(c, EXEMPLAR_WIDTH, layout)) exemplars.set(c.labels, c.offset);

  const parts: Part[][] = forms.map(() => []);
  const seen = new Set<string>();
  let unexposed = 0;
  layout.columns.forEach((c, column) => {
    if (c.family.startsWith("~")) return;
    const index = indexOf.get(c.family);
    const key = `${c.family}{${c.labels}`;
    if (index === undefined || seen.has(key) || !fits(c, widthOf((forms[index] as FamilyForm).family), layout)) {
      unexposed++;
      return;
    }
    seen.add(key);
    const exemplar = c.family === EXEMPLARS_ON ? (exemplars.get(c.labels) ?? -1) : -1;
    parts[index]?.push({ labels: c.labels, offset: c.offset, column, exemplar });
  });

  let lines = 0;
  const firstLine = forms.map((form, i) => {
    const first = lines;
    lines += (parts[i] as Part[]).length * form.lines;
    return first;
  });
  return { layout, parts, firstLine, lines, exemplars: exemplars.size, unexposed };
}

const fits = (c: Column, width: number, layout: Layout): boolean =>
  c.width === width && c.offset >= 0 && c.offset + width <= layout.size;
