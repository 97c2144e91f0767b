import type { Family, Labels } from "../model/metric.ts";
import type { PrivateFamily } from "./series-layout.ts";
import { SeriesRows } from "./series-rows.ts";
import { SeriesTable } from "./series-table.ts";
import type { HeadStorage, WriteRow } from "./write-row.ts";

/** The most tellers that are remembered of a target, and of all: the one that was silent for longest is forgotten. */
const MOST_TELLERS_OF_TARGET = 64;
const MOST_TELLERS = 4_096;

/** Last totals by family: whether it was told (0: no, 1: yes, else its start in epoch ms), the counts, a histogram's sum. */
const TOTAL = "~total ";
/** Until when a gauge is believed, epoch ms. */
const UNTIL = "~until ";
/** Of a teller: when it was last heard, under which config, its latest start, when it may be forgotten. */
const TELLER: PrivateFamily = { name: "~teller", labels: [], width: 4 };
/** Of a target: a teller that began before this may have been heard and forgotten, epoch ms. */
const HORIZON: PrivateFamily = { name: "~horizon", labels: [], width: 1 };

/** What is known of a teller; times in epoch ms. */
export interface Teller {
  heardAt: number;
  /** Of the configuration under which it told all that it had; -1 where it did not. */
  completeUnder: number;
  /** The latest start that it told of. */
  latestStart: number;
  forgetAt: number;
}

/** What our families look like here: totals of counters and histograms, and the end of gauges. */
function twinOf(family: Family): PrivateFamily[] {
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
export class TellingShelf {
  /** A block per target (gauges, horizon) and one per teller, named `TARGET\nTELLER`. */
  readonly #table: SeriesTable;
  readonly #rows: SeriesRows;
  /** Tellers by target and block name. */
  readonly #tellers = new Map<string, Map<string, Teller>>();
  #count = 0;

  constructor(storage: HeadStorage, families: readonly (Family | PrivateFamily)[]) {
    const twins = families.flatMap((family) => ("width" in family ? [] : twinOf(family)));
    this.#table = new SeriesTable([...twins, TELLER, HORIZON]);
    this.#rows = new SeriesRows(storage, "telling", this.#table);
    for (const [name, block] of this.#table.blocks) {
      const target = targetOf(name);
      const [facts] = block.layout.columns.filter(({ family }) => family === TELLER.name);
      if (target === name || facts === undefined) continue;
      const [heardAt = 0, completeUnder = 0, latestStart = 0, forgetAt = 0] = block.values.subarray(facts.offset);
      this.#know(target, name, { heardAt, completeUnder, latestStart, forgetAt });
    }
  }

  /** Chunks that could not be read, in words; what they held is seen for the first time again. */
  get unreadable(): readonly string[] {
    return this.#rows.unreadable;
  }

  teller(target: string, teller: string): Teller | undefined {
    return this.#tellers.get(target)?.get(blockName(target, teller));
  }

  /** Remembers a teller; one too many makes the target, or all, forget another. */
  keep(target: string, teller: string, facts: Teller): void {
    const name = blockName(target, teller);
    const own = this.#tellers.get(target);
    if (own?.has(name) !== true) {
      if ((own?.size ?? 0) >= MOST_TELLERS_OF_TARGET) this.#forgetOldest(own ?? []);
      else if (this.#count >= MOST_TELLERS) this.#forgetOldest([...this.#tellers.values()].flatMap((n) => [...n]));
      this.#table.open(name, facts.heardAt);
    }
    this.#know(target, name, facts);
    this.#put(name, TELLER.name, {}, facts.heardAt, [
      facts.heardAt,
      facts.completeUnder,
      facts.latestStart,
      facts.forgetAt,
    ]);
  }

  /** Makes room for totals that a teller is about to tell, in one step. */
  widen(target: string, teller: string, series: readonly { family: string; labels: Labels }[], now: number): void {
    const totals = series.map(({ family, labels }) => ({ family: `${TOTAL}${family}`, labels }));
    this.#table.widen(blockName(target, teller), totals, now);
  }

  /** The numbers of a total, as `TOTAL` describes them, to be read and written in place until the next call. */
  total(target: string, teller: string, family: string, labels: Labels, now: number): Float64Array {
    const name = `${TOTAL}${family}`;
    const { block, offset } = this.#table.at(blockName(target, teller), name, labels, now);
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
  horizon(target: string): number {
    return this.#table.read(target, HORIZON.name, {}) ?? 0;
  }

  /** Forgets the tellers whose time is over. */
  forgetSilent(now: number): void {
    for (const tellers of [...this.#tellers.values()])
      for (const [name, { forgetAt }] of [...tellers]) if (forgetAt <= now) this.#forget(name);
  }

  /** Forgets the targets that are not named. */
  retain(targets: ReadonlySet<string>): void {
    for (const name of [...this.#table.blocks.keys()]) if (!targets.has(targetOf(name))) this.#drop(name);
  }

  /** Writes what changed; inside a transaction. */
  write(writeRow: WriteRow): void {
    this.#rows.write(writeRow);
  }

  #know(target: string, name: string, facts: Teller): void {
    const own = this.#tellers.get(target) ?? new Map<string, Teller>();
    if (!own.has(name)) this.#count++;
    this.#tellers.set(target, own.set(name, facts));
  }

  #forgetOldest(tellers: Iterable<readonly [string, Teller]>): void {
    const [oldest] = [...tellers].reduce((a, b) => (b[1].heardAt < a[1].heardAt ? b : a), NOBODY);
    if (oldest !== "") this.#forget(oldest);
  }

  /** The horizon moves, so that whoever is forgotten and comes back is not counted twice. */
  #forget(name: string): void {
    const target = targetOf(name);
    const { heardAt, latestStart } = this.#tellers.get(target)?.get(name) ?? NOBODY[1];
    this.#drop(name);
    this.#table.open(target, heardAt);
    this.#put(target, HORIZON.name, {}, heardAt, [Math.max(this.horizon(target), heardAt, latestStart)]);
  }

  #drop(name: string): void {
    this.#table.drop(name);
    const own = this.#tellers.get(targetOf(name));
    if (own?.delete(name)) this.#count--;
    if (own?.size === 0) this.#tellers.delete(targetOf(name));
  }

  #put(name: string, family: string, labels: Labels, now: number, values: readonly number[]): void {
    const { block, offset } = this.#table.at(name, family, labels, now);
    block.values.set(values, offset);
  }
}

/** Whom everybody was heard before. */
const NOBODY: readonly [string, Teller] = [
  "",
  { heardAt: Number.POSITIVE_INFINITY, completeUnder: 0, latestStart: 0, forgetAt: 0 },
];

const blockName = (target: string, teller: string): string => `${target}\n${teller}`;
const targetOf = (name: string): string => name.slice(0, name.indexOf("\n") < 0 ? name.length : name.indexOf("\n"));
