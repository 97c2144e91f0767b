import type { Labels } from "../../model/metric.ts";
import type { Layout } from "../../model/snapshot.ts";
import { printedLabel, printLabels } from "../../store/series/series-layout.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";

/** Limits per target and source for reported series: a block must fit into one stored value of 1 MB, names included. */
const MOST_SERIES = 1_000;
const MOST_NAME_BYTES = 250_000;

/** Characters in names; each takes at most three bytes in storage. */
const BYTES_PER_CHARACTER = 3;

const taken = new WeakMap<Layout, Map<string, { series: number; bytes: number }>>();

/** Decides which new series of a target have room. Existing ones always have. */
export class SeriesRoom {
  readonly #table: SeriesTable;
  readonly #target: string;
  readonly #made = new Set<string>();
  #series: number;
  #bytes: number;

  constructor(table: SeriesTable, target: string, source: string) {
    this.#table = table;
    this.#target = target;
    const { series, bytes } = takenBy(table.blocks.get(target)?.layout, source);
    this.#series = series;
    this.#bytes = bytes;
  }

  /** Whether the series may be added; a new one uses up room. `names`: the family's labels. */
  admits(family: string, names: readonly string[], labels: Labels): boolean {
    if (this.#table.has(this.#target, family, labels)) return true;
    const printed = printLabels(names, labels);
    const key = `${family}{${printed}`;
    if (this.#made.has(key)) return true;
    const bytes = bytesOf(family, printed);
    if (this.#series >= MOST_SERIES || this.#bytes + bytes > MOST_NAME_BYTES) return false;
    this.#made.add(key);
    this.#series++;
    this.#bytes += bytes;
    return true;
  }
}

const bytesOf = (family: string, printed: string): number => (family.length + printed.length) * BYTES_PER_CHARACTER;

function takenBy(layout: Layout | undefined, source: string): { series: number; bytes: number } {
  if (layout === undefined) return { series: 0, bytes: 0 };
  let bySource = taken.get(layout);
  if (bySource === undefined) {
    bySource = new Map();
    for (const { family, labels } of layout.columns) {
      const of = printedLabel(labels, "source");
      if (of === undefined) continue;
      const sum = bySource.get(of) ?? { series: 0, bytes: 0 };
      bySource.set(of, { series: sum.series + 1, bytes: sum.bytes + bytesOf(family, labels) });
    }
    taken.set(layout, bySource);
  }
  return bySource.get(source) ?? { series: 0, bytes: 0 };
}
