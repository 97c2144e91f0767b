import { MINUTE_MS } from "../../lib/time-units.ts";
import type { Family, Labels } from "../../model/metric.ts";
import type { PrivateFamily } from "./series-layout.ts";
import type { SeriesTable } from "./series-table.ts";

/** Of a gauge: until when it is valid, when it was measured (epoch ms, 0 if unknown), and a number for who reported it. */
const UNTIL = "~until ";
const GAUGE_WIDTH = 3;
/** Of a reported series: when it was last reported (epoch ms), and a number for the source that reported it. */
const SEEN = "~seen ";
/** Resolution of the time: each change of it is written. */
const SEEN_STEP_MS = 10 * MINUTE_MS;

/** The private families that hold the marks of a family. */
export function marksOf({ name, labels, type }: Family): PrivateFamily[] {
  const seen: PrivateFamily = { name: `${SEEN}${name}`, labels, width: 2 };
  return type === "gauge" ? [seen, { name: `${UNTIL}${name}`, labels, width: GAUGE_WIDTH }] : [seen];
}

/** What is known of the reported series of a target: until when gauges are valid, and who reported what last. */
export class ReportedMarks {
  /** A block per target; those of its sources have a line break in their names. */
  readonly #table: SeriesTable;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  /** Notes that series were reported. `sender`: a number for the source. */
  see(target: string, series: readonly { family: string; labels: Labels }[], sender: number, now: number): void {
    if (series.length === 0) return;
    this.#table.open(target, now);
    const marks = series.map(({ family, labels }) => ({ family: `${SEEN}${family}`, labels }));
    this.#table.widen(target, marks, now);
    for (const { family, labels } of marks)
      if (now - (this.#table.read(target, family, labels) ?? 0) >= SEEN_STEP_MS) {
        const { block, offset } = this.#table.at(target, family, labels, now);
        block.values.set([now, sender], offset);
      }
  }

  /** How many series of each family a sender was the last to report. */
  seriesOf(target: string, sender: number): Map<string, number> {
    const found = new Map<string, number>();
    const block = this.#table.blocks.get(target);
    for (const { family, offset } of block?.layout.columns ?? [])
      if (family.startsWith(SEEN) && block?.values[offset + 1] === sender) {
        const name = family.slice(SEEN.length);
        found.set(name, (found.get(name) ?? 0) + 1);
      }
    return found;
  }

  /** Series that were last reported before `since` (epoch ms), the oldest first; by target, of one or of all. */
  idle(since: number, only?: string): Map<string, { family: string; labels: string }[]> {
    const found = new Map<string, { family: string; labels: string }[]>();
    for (const { target, layout, values } of this.#table.blocks.values()) {
      if (target.includes("\n") || (only !== undefined && target !== only)) continue;
      const idle = layout.columns.flatMap(({ family, labels, offset }) => {
        const at = values[offset] as number;
        return family.startsWith(SEEN) && at < since ? [{ family: family.slice(SEEN.length), labels, at }] : [];
      });
      if (idle.length > 0)
        found.set(
          target,
          idle.sort((a, b) => a.at - b.at),
        );
    }
    return found;
  }

  /** Forgets what belongs to series that no longer exist; `labels` as printed. */
  forgetSeries(target: string, series: readonly { family: string; labels: string }[]): void {
    const marks = series.flatMap(({ family, labels }) => [
      { family: `${SEEN}${family}`, labels },
      { family: `${UNTIL}${family}`, labels },
    ]);
    this.#table.remove(target, marks);
  }

  /** Creates columns for gauges of a target in one step. */
  widenGauges(target: string, gauges: readonly { family: string; labels: Labels }[], now: number): void {
    this.#table.open(target, now);
    const marks = gauges.map(({ family, labels }) => ({ family: `${UNTIL}${family}`, labels }));
    this.#table.widen(target, marks, now);
  }

  /** The numbers of a gauge, as described at `UNTIL`. They may be read and written in place until the next call. */
  gauge(target: string, family: string, labels: Labels, now: number): Float64Array {
    const { block, offset } = this.#table.at(target, `${UNTIL}${family}`, labels, now);
    return block.values.subarray(offset, offset + GAUGE_WIDTH);
  }

  /** Gauges that have expired, each returned once: family and printed labels. */
  takeExpired(now: number): { target: string; family: string; labels: string }[] {
    const expired: { target: string; family: string; labels: string }[] = [];
    for (const block of this.#table.blocks.values()) {
      if (block.target.includes("\n")) continue;
      for (const { family, labels, offset } of block.layout.columns) {
        const until = block.values[offset] as number;
        if (!family.startsWith(UNTIL) || until === 0 || until > now) continue;
        block.values[offset] = 0;
        block.dirty = true;
        expired.push({ target: block.target, family: family.slice(UNTIL.length), labels });
      }
    }
    return expired;
  }
}
