import type { Family, Labels } from "../../model/metric.ts";
import type { HeadStorage, WriteRow } from "../write-row.ts";
import type { PrivateFamily } from "./series-layout.ts";
import { SeriesRows } from "./series-rows.ts";
import { SeriesTable } from "./series-table.ts";

/** The most tellers that are remembered of a target, and of all: the one that was silent for longest is forgotten. */
const MAX_SOURCES_PER_TARGET = 64;
const MAX_SOURCES = 4_096;

/** Last totals by family: whether it was told (0: no, 1: yes, else its start in epoch ms), the counts, a histogram's sum. */
const TOTAL = "~total ";
/** Until when a gauge is believed, epoch ms. */
const UNTIL = "~until ";
/** Of a teller: when it was last heard, under which config, its latest start, when it may be forgotten. */
const SOURCE_FACTS: PrivateFamily = { name: "~source", labels: [], width: 4 };
/** Of a target: a teller that began before this may have been heard and forgotten, epoch ms. */
const CUTOFF: PrivateFamily = { name: "~cutoff", labels: [], width: 1 };

/** What is known of a teller; times in epoch ms. */
export interface MetricSource {
  lastSeenAt: number;
  /** Of the configuration under which it told all that it had; -1 where it did not. */
  completeUnder: number;
  /** The latest start that it told of. */
  latestStart: number;
  forgetAt: number;
}

/** What our families look like here: totals of counters and histograms, and the end of gauges. */
function companionOf(family: Family): PrivateFamily[] {
  if (family.labels[0] !== "target" || !family.labels.includes("source") || family.type === "stateset") return [];
  if (family.type === "gauge") return [{ name: `${UNTIL}${family.name}`, labels: family.labels, width: 1 }];
  const width = family.type === "histogram" ? family.buckets.length + 3 : 2;
  return [{ name: `${TOTAL}${family.name}`, labels: family.labels, width }];
}

/**
 * What is remembered of what targets tell of themselves, so that totals become additions: per teller (a process that is
 * scraped or that pushes) its last totals, per target the end of its gauges. Stored as series are: packed numbers with
 * their names beside them, many tellers to a row.
 */
export class ReportedTotalsTable {
  /** A block per target (gauges, horizon) and one per teller, named `TARGET\nTELLER`. */
  readonly #table: SeriesTable;
  readonly #rows: SeriesRows;
  /** Tellers by target and block name. */
  readonly #sources = new Map<string, Map<string, MetricSource>>();
  #count = 0;

  constructor(storage: HeadStorage, families: readonly (Family | PrivateFamily)[]) {
    const companions = families.flatMap((family) => ("width" in family ? [] : companionOf(family)));
    this.#table = new SeriesTable([...companions, SOURCE_FACTS, CUTOFF]);
    this.#rows = new SeriesRows(storage, "reported_totals", this.#table);
    for (const [name, block] of this.#table.blocks) {
      const target = targetOf(name);
      const [facts] = block.layout.columns.filter(({ family }) => family === SOURCE_FACTS.name);
      if (target === name || facts === undefined) continue;
      const [lastSeenAt = 0, completeUnder = 0, latestStart = 0, forgetAt = 0] = block.values.subarray(facts.offset);
      this.#know(target, name, { lastSeenAt, completeUnder, latestStart, forgetAt });
    }
  }

  /** Chunks that could not be read, in words; what they held is seen for the first time again. */
  get unreadable(): readonly string[] {
    return this.#rows.unreadable;
  }

  metricSource(target: string, metricSource: string): MetricSource | undefined {
    return this.#sources.get(target)?.get(blockName(target, metricSource));
  }

  /** Remembers a teller; one too many makes the target, or all, forget another. */
  keep(target: string, metricSource: string, facts: MetricSource): void {
    const name = blockName(target, metricSource);
    const own = this.#sources.get(target);
    if (own?.has(name) !== true) {
      if ((own?.size ?? 0) >= MAX_SOURCES_PER_TARGET) this.#forgetOldest(own ?? []);
      else if (this.#count >= MAX_SOURCES) this.#forgetOldest([...this.#sources.values()].flatMap((n) => [...n]));
      this.#table.open(name, facts.lastSeenAt);
    }
    this.#know(target, name, facts);
    this.#put(name, SOURCE_FACTS.name, {}, facts.lastSeenAt, [
      facts.lastSeenAt,
      facts.completeUnder,
      facts.latestStart,
      facts.forgetAt,
    ]);
  }

  /** Makes room for totals that a teller is about to tell, in one step. */
  widen(
    target: string,
    metricSource: string,
    series: readonly { family: string; labels: Labels }[],
    now: number,
  ): void {
    const totals = series.map(({ family, labels }) => ({ family: `${TOTAL}${family}`, labels }));
    this.#table.widen(blockName(target, metricSource), totals, now);
  }

  /** The numbers of a total, as `TOTAL` describes them, to be read and written in place until the next call. */
  total(target: string, metricSource: string, family: string, labels: Labels, now: number): Float64Array {
    const name = `${TOTAL}${family}`;
    const { block, offset } = this.#table.at(blockName(target, metricSource), name, labels, now);
    return block.values.subarray(offset, offset + (this.#table.family(name) as PrivateFamily).width);
  }

  /** Until when (epoch ms) a gauge is to be believed. */
  believe(target: string, gauges: readonly { family: string; labels: Labels }[], until: number, now: number): void {
    this.#table.open(target, now);
    const marks = gauges.map(({ family, labels }) => ({ family: `${UNTIL}${family}`, labels }));
    this.#table.widen(target, marks, now);
    for (const { family, labels } of marks) this.#put(target, family, labels, now, [until]);
  }

  /** The gauges whose time is over, each told once: family and printed labels. */
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

  /** A teller of the target that began before this (epoch ms), and is not known, may have been heard before. */
  cutoff(target: string): number {
    return this.#table.read(target, CUTOFF.name, {}) ?? 0;
  }

  /** Forgets the tellers whose time is over. */
  forgetSilent(now: number): void {
    for (const sources of [...this.#sources.values()])
      for (const [name, { forgetAt }] of [...sources]) if (forgetAt <= now) this.#forget(name);
  }

  /** Forgets the targets that are not named. */
  retain(targets: ReadonlySet<string>): void {
    for (const name of [...this.#table.blocks.keys()]) if (!targets.has(targetOf(name))) this.#drop(name);
  }

  /** Writes what changed; inside a transaction. */
  write(writeRow: WriteRow): void {
    this.#rows.write(writeRow);
  }

  #know(target: string, name: string, facts: MetricSource): void {
    const own = this.#sources.get(target) ?? new Map<string, MetricSource>();
    if (!own.has(name)) this.#count++;
    this.#sources.set(target, own.set(name, facts));
  }

  #forgetOldest(sources: Iterable<readonly [string, MetricSource]>): void {
    const [oldest] = [...sources].reduce((a, b) => (b[1].lastSeenAt < a[1].lastSeenAt ? b : a), NOBODY);
    if (oldest !== "") this.#forget(oldest);
  }

  /** The horizon moves, so that whoever is forgotten and comes back is not counted twice. */
  #forget(name: string): void {
    const target = targetOf(name);
    const { lastSeenAt, latestStart } = this.#sources.get(target)?.get(name) ?? NOBODY[1];
    this.#drop(name);
    this.#table.open(target, lastSeenAt);
    this.#put(target, CUTOFF.name, {}, lastSeenAt, [Math.max(this.cutoff(target), lastSeenAt, latestStart)]);
  }

  #drop(name: string): void {
    this.#table.drop(name);
    const own = this.#sources.get(targetOf(name));
    if (own?.delete(name)) this.#count--;
    if (own?.size === 0) this.#sources.delete(targetOf(name));
  }

  #put(name: string, family: string, labels: Labels, now: number, values: readonly number[]): void {
    const { block, offset } = this.#table.at(name, family, labels, now);
    block.values.set(values, offset);
  }
}

/** Whom everybody was heard before. */
const NOBODY: readonly [string, MetricSource] = [
  "",
  { lastSeenAt: Number.POSITIVE_INFINITY, completeUnder: 0, latestStart: 0, forgetAt: 0 },
];

const blockName = (target: string, metricSource: string): string => `${target}\n${metricSource}`;
const targetOf = (name: string): string => name.slice(0, name.indexOf("\n") < 0 ? name.length : name.indexOf("\n"));
