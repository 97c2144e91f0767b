import { isPlausibleCount } from "../../model/plausible-value.ts";
import type { SeriesTable } from "./series-table.ts";

/**
 * Starts counters and histograms again whose numbers cannot have been counted: left alone, one absurd number would stay for
 * ever. Returns what was wrong.
 */
export function healSeries(table: SeriesTable): string[] {
  const healed: string[] = [];
  for (const { target, layout, values } of table.blocks.values())
    for (const { family: name, labels, offset, width } of layout.columns) {
      const family = table.family(name);
      if (family === undefined || "width" in family || (family.type !== "counter" && family.type !== "histogram"))
        continue;
      if (values.subarray(offset, offset + width).every(isPlausibleCount)) continue;
      table.clear(target, name, labels);
      healed.push(`${name} of "${target}": not a possible count`);
    }
  return healed;
}
