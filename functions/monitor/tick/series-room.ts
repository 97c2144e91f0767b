import { fnv1a } from "../../lib/fnv1a.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { Labels } from "../../model/metric.ts";
import type { Layout } from "../../model/snapshot.ts";
import type { Head } from "../../store/head.ts";
import { printedLabel, printLabels } from "../../store/series/series-layout.ts";

/** Limits per target and source for reported series: a block must fit into one stored value of 1 MB, names included. */
const MOST_SERIES = 1_000;
const MOST_NAME_BYTES = 250_000;
/** Every family has room for so many, whatever others have taken; so a flood in one cannot keep out what is plain. */
const OWN_ROOM = 10;
const MOST_NAME_BYTES_WITH_OWN = 350_000;
/** Where many processes send: of one family in all, and those that one process has brought. */
const MOST_OF_FAMILY = 500;
const MOST_OF_SENDER = 250;
/** Only of larger families it is noted who reports a series and when, and only they lose idle ones: it costs storage. */
const LARGE_FAMILY = 50;
/** Where there is no room left, a series that was not reported for as long gives way to a new one. */
const IDLE_MS = HOUR_MS;

/** Characters in names; each takes at most three bytes in storage. */
const BYTES_PER_CHARACTER = 3;

interface Taken {
  series: number;
  bytes: number;
  byFamily: Map<string, number>;
}

const taken = new WeakMap<Layout, Map<string, Taken>>();

/** Who reports, and how. */
interface Reporter {
  target: string;
  source: string;
  metricSource: string;
  /** The target alone reports, so that it has all of the room. */
  isAlone: boolean;
  /** Epoch ms. */
  now: number;
}

/** Names a sender in stored numbers. */
export const senderNumber = (metricSource: string): number => fnv1a(metricSource);

/** Decides which new series of a target have room. Existing ones always have. */
export class SeriesRoom {
  readonly #head: Head;
  readonly #reporter: Reporter;
  readonly #made = new Set<string>();
  #taken: Taken;
  /** Series of this sender by family. */
  #own: Map<string, number> | undefined;
  #hasMadeRoom = false;

  constructor(head: Head, reporter: Reporter) {
    this.#head = head;
    this.#reporter = reporter;
    this.#taken = this.#count();
  }

  /** Whether the series may be added; a new one uses up room. `names`: the family's labels. */
  admits(family: string, names: readonly string[], labels: Labels): boolean {
    if (this.#head.table.has(this.#reporter.target, family, labels)) return true;
    const printed = printLabels(names, labels);
    const key = `${family}{${printed}`;
    if (this.#made.has(key)) return true;
    const bytes = bytesOf(family, printed);
    if (!this.#fits(family, bytes) && !(this.#makeRoom() && this.#fits(family, bytes))) return false;
    this.#made.add(key);
    this.#add(family, bytes);
    return true;
  }

  #fits(family: string, bytes: number): boolean {
    const { series, bytes: used, byFamily } = this.#taken;
    const ofFamily = byFamily.get(family) ?? 0;
    if (ofFamily < OWN_ROOM) return used + bytes <= MOST_NAME_BYTES_WITH_OWN;
    if (series >= MOST_SERIES || used + bytes > MOST_NAME_BYTES) return false;
    if (this.#reporter.isAlone) return true;
    return ofFamily < MOST_OF_FAMILY && (this.#ownSeries().get(family) ?? 0) < MOST_OF_SENDER;
  }

  #add(family: string, bytes: number): void {
    const own = this.#ownSeries();
    own.set(family, (own.get(family) ?? 0) + 1);
    const { series, bytes: used, byFamily } = this.#taken;
    byFamily.set(family, (byFamily.get(family) ?? 0) + 1);
    this.#taken = { series: series + 1, bytes: used + bytes, byFamily };
  }

  #ownSeries(): Map<string, number> {
    const { target, metricSource } = this.#reporter;
    this.#own ??= this.#head.reportedTotals.marks.seriesOf(target, senderNumber(metricSource));
    return this.#own;
  }

  /** Removes idle series, once per report; false if there were none. */
  #makeRoom(): boolean {
    if (this.#hasMadeRoom) return false;
    this.#hasMadeRoom = true;
    const { target, now } = this.#reporter;
    if (!removeIdle(this.#head, now - IDLE_MS, target)) return false;
    const added = this.#made.size;
    this.#taken = this.#count();
    this.#own = undefined;
    // Those that this report brings are not in the table yet.
    this.#taken.series += added;
    return true;
  }

  #count(): Taken {
    const { target, source } = this.#reporter;
    const { series, bytes, byFamily } = takenBy(this.#head.table.blocks.get(target)?.layout, source);
    return { series, bytes, byFamily: new Map(byFamily) };
  }
}

/**
 * Removes series of large families that were last reported before `since` (epoch ms), of one target or of all. Whether there
 * were any.
 */
export function removeIdle({ table, reportedTotals }: Head, since: number, target?: string): boolean {
  let removed = false;
  for (const [name, idle] of reportedTotals.marks.idle(since, target)) {
    const columns = table.blocks.get(name)?.layout.columns ?? [];
    const left = new Map<string, number>();
    for (const { family } of columns) left.set(family, (left.get(family) ?? 0) + 1);
    const gone = idle.filter(({ family }) => {
      const rest = left.get(family) ?? 0;
      if (rest <= LARGE_FAMILY) return false;
      left.set(family, rest - 1);
      return true;
    });
    if (gone.length === 0) continue;
    removed = true;
    table.remove(name, gone);
    reportedTotals.marks.forgetSeries(name, gone);
  }
  return removed;
}

/** Whether a target's series of a family are noted when they are reported. */
export const isLarge = (head: Head, target: string, source: string, family: string): boolean =>
  (takenBy(head.table.blocks.get(target)?.layout, source).byFamily.get(family) ?? 0) > LARGE_FAMILY;

const bytesOf = (family: string, printed: string): number => (family.length + printed.length) * BYTES_PER_CHARACTER;

function takenBy(layout: Layout | undefined, source: string): Taken {
  const none: Taken = { series: 0, bytes: 0, byFamily: new Map() };
  if (layout === undefined) return none;
  let bySource = taken.get(layout);
  if (bySource === undefined) {
    bySource = new Map<string, Taken>();
    for (const { family, labels } of layout.columns) {
      const of = printedLabel(labels, "source");
      if (of === undefined) continue;
      const sum = bySource.get(of) ?? { series: 0, bytes: 0, byFamily: new Map<string, number>() };
      sum.series++;
      sum.bytes += bytesOf(family, labels);
      sum.byFamily.set(family, (sum.byFamily.get(family) ?? 0) + 1);
      bySource.set(of, sum);
    }
    taken.set(layout, bySource);
  }
  return bySource.get(source) ?? none;
}
