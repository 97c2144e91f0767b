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

/** What a layout shows. */
export interface LayoutPlan {
  /** By family, in the order of exposition; a family without a column has undefined. */
  parts: readonly (readonly Part[] | undefined)[];
  /** Columns that cannot be shown: an unknown family, another width than the family's, or named twice. */
  unexposed: number;
}

const widthOf = (family: Family): number => (family.type === "histogram" ? family.buckets.length + 2 : 1);

/** Sorts a layout's columns by family. Done once per layout. `indexOf`: where a family is among the forms. */
export function planLayout(
  layout: Layout,
  forms: readonly FamilyForm[],
  indexOf: ReadonlyMap<string, number>,
  withExemplars: boolean,
): LayoutPlan {
  const exemplars = new Map<string, number>();
  if (withExemplars)
    for (const c of layout.columns)
      if (c.family === EXEMPLAR_FAMILY && fits(c, EXEMPLAR_WIDTH, layout)) exemplars.set(c.labels, c.offset);

  const parts: (Part[] | undefined)[] = forms.map(() => undefined);
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
    const part = { labels: c.labels, offset: c.offset, column, exemplar };
    const known = parts[index];
    if (known === undefined) parts[index] = [part];
    else known.push(part);
  });
  return { parts, unexposed };
}

const fits = (c: Column, width: number, layout: Layout): boolean =>
  c.width === width && c.offset >= 0 && c.offset + width <= layout.size;
