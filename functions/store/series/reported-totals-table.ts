import type { Family, Labels } from "../../model/metric.ts";
import { isPlausibleCount } from "../../model/plausible-value.ts";
import type { HeadStorage, WriteRow } from "../write-row.ts";
import { marksOf, ReportedMarks } from "./reported-marks.ts";
import type { PrivateFamily } from "./series-layout.ts";
import { SeriesRows } from "./series-rows.ts";
import { SeriesTable } from "./series-table.ts";

/** Maximum number of sources per target, and in total. The one that has been silent for longest is forgotten. */
const MAX_SOURCES_PER_TARGET = 64;
const MAX_SOURCES = 4_096;

/**
 * Last total by family and stream: whether it was reported (0: no, 1: yes, otherwise its start in epoch ms), when it was
 * measured (epoch ms, 0 if unknown), the counts, a histogram's sum.
 */
const TOTAL = "~total ";
/** Marks an incomplete report in the facts of a source. */
const NEVER = -1;
/** Label that separates streams of a source that feed one series. */
const STREAM = "stream";
/** Maximum number of totals per source; a block must fit into one stored value. */
const MAX_TOTALS_PER_SOURCE = 1_000;
/** Of a source: last report, config of that report, latest start, when it may be forgotten. */
const SOURCE_FACTS: PrivateFamily = { name: "~source", labels: [], width: 4 };
/** Of a target: a source that started before this may have reported before and been forgotten, epoch ms. */
const CUTOFF: PrivateFamily = { name: "~cutoff", labels: [], width: 1 };

/** What is known about a source; times in epoch ms. */
export interface MetricSource {
  lastSeenAt: number;
  /** Of the configuration under which it reported completely; -1 if it did not. */
  completeUnder: number;
  /** The latest start time that it reported. */
  latestStart: number;
  forgetAt: number;
}

/** Our families as stored here: totals of counters and histograms, and the end of validity of gauges. */
function companionOf(family: Family): PrivateFamily[] {
  if (family.labels[0] !== "target" || !family.labels.includes("source") || family.type === "stateset") return [];
  if (family.type === "gauge") return marksOf(family);
  const width = family.type === "histogram" ? family.buckets.length + 4 : 3;
  return [...marksOf(family), { name: `${TOTAL}${family.name}`, labels: [...family.labels, STREAM], width }];
}

/**
 * Last reported totals, which turn later totals into increments: per source (a process that is scraped or pushes) its
 * totals, and per target the validity of its gauges. Stored like series: packed numbers with their names beside them, many
 * sources in a row.
 */
export class ReportedTotalsTable {
  /** A block per target (gauges, cutoff) and one per source, named `TARGET\nSOURCE`. */
  readonly #table: SeriesTable;
  readonly #rows: SeriesRows;
  /** Sources by target and block name. */
  readonly #sources = new Map<string, Map<string, MetricSource>>();
  #count = 0;

  /** What is known of reported series themselves. */
  readonly marks: ReportedMarks;

  constructor(storage: HeadStorage, families: readonly (Family | PrivateFamily)[]) {
    const companions = families.flatMap((family) => ("width" in family ? [] : companionOf(family)));
    this.#table = new SeriesTable([...companions, SOURCE_FACTS, CUTOFF]);
    this.#rows = new SeriesRows(storage, "reported_totals", this.#table);
    this.marks = new ReportedMarks(this.#table);
    for (const [name, block] of this.#table.blocks) {
      const target = targetOf(name);
      const [facts] = block.layout.columns.filter(({ family }) => family === SOURCE_FACTS.name);
      if (target === name || facts === undefined) continue;
      const [lastSeenAt = 0, completeUnder = 0, latestStart = 0, forgetAt = 0] = block.values.subarray(facts.offset);
      this.#know(target, name, { lastSeenAt, completeUnder, latestStart, forgetAt });
    }
    this.#heal();
  }

  /** Descriptions of unreadable chunks. Their sources count as seen for the first time. */
  get unreadable(): readonly string[] {
    return this.#rows.unreadable;
  }

  metricSource(target: string, metricSource: string): MetricSource | undefined {
    return this.#sources.get(target)?.get(blockName(target, metricSource));
  }

  /** Remembers a source. Beyond the limits, another source is forgotten. */
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

  /** Creates columns for the totals of a known source in one step; returns whether each has room. */
  widen(target: string, metricSource: string, series: readonly TotalName[], now: number): boolean[] {
    const name = blockName(target, metricSource);
    // One column holds the facts of the source.
    let left = MAX_TOTALS_PER_SOURCE + 1 - (this.#table.blocks.get(name)?.layout.columns.length ?? 0);
    const added = new Set<string>();
    const totals = series.map((total) => ({ family: `${TOTAL}${total.family}`, labels: labelsOf(total) }));
    const haveRoom = totals.map(({ family, labels }) => {
      if (this.#table.has(name, family, labels)) return true;
      const key = JSON.stringify([family, labels]);
      if (added.has(key)) return true;
      if (left <= 0) return false;
      left--;
      added.add(key);
      return true;
    });
    this.#table.widen(
      name,
      totals.filter((_, i) => haveRoom[i]),
      now,
    );
    return haveRoom;
  }

  /** The numbers of a total, as described at `TOTAL`. They may be read and written in place until the next call. */
  total(target: string, metricSource: string, total: TotalName, now: number): Float64Array {
    return this.#numbers(blockName(target, metricSource), `${TOTAL}${total.family}`, labelsOf(total), now);
  }

  #numbers(name: string, family: string, labels: Labels, now: number): Float64Array {
    const { block, offset } = this.#table.at(name, family, labels, now);
    return block.values.subarray(offset, offset + (this.#table.family(family) as PrivateFamily).width);
  }

  /** An unknown source of the target that started before this (epoch ms) may have reported before. */
  cutoff(target: string): number {
    return this.#table.read(target, CUTOFF.name, {}) ?? 0;
  }

  /** Forgets expired sources. */
  forgetSilent(now: number): void {
    for (const sources of [...this.#sources.values()])
      for (const [name, { forgetAt }] of [...sources]) if (forgetAt <= now) this.#forget(name);
  }

  /** Removes all targets that are not named. */
  retain(targets: ReadonlySet<string>): void {
    for (const name of [...this.#table.blocks.keys()]) if (!targets.has(targetOf(name))) this.#drop(name);
  }

  /** Writes all changes; inside a transaction. */
  write(writeRow: WriteRow): void {
    this.#rows.write(writeRow);
  }

  /** Forgets sources and gauges with numbers that cannot have been reported: what comes later would look old beside them. */
  #heal(): void {
    for (const { target: name, layout, values } of [...this.#table.blocks.values()])
      for (const { family, labels, offset, width } of layout.columns) {
        if (values.subarray(offset, offset + width).every((n) => n === NEVER || isPlausibleCount(n))) continue;
        if (name === targetOf(name)) this.#table.clear(name, family, labels);
        else if (family === SOURCE_FACTS.name) this.#drop(name);
        else if (this.#table.blocks.has(name)) this.#forget(name);
      }
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

  /** Moves the cutoff, so that a forgotten source that reports again is not counted twice. */
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

/** The source that reported longest ago. */
const NOBODY: readonly [string, MetricSource] = [
  "",
  { lastSeenAt: Number.POSITIVE_INFINITY, completeUnder: 0, latestStart: 0, forgetAt: 0 },
];

/** What names a total within its source. */
interface TotalName {
  family: string;
  labels: Labels;
  stream?: string;
}

const labelsOf = ({ labels, stream }: TotalName): Labels =>
  stream === undefined ? labels : { ...labels, [STREAM]: stream };

const blockName = (target: string, metricSource: string): string => `${target}\n${metricSource}`;
const targetOf = (name: string): string => name.slice(0, name.indexOf("\n") < 0 ? name.length : name.indexOf("\n"));
