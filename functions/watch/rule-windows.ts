import { addressFamily, windowFamily } from "../evaluate/rules/tracks.ts";
import type { Block } from "../model/snapshot.ts";
import { columnKey } from "../store/series-layout.ts";
import { SeriesRows } from "../store/series-rows.ts";
import { type LiveBlock, SeriesTable } from "../store/series-table.ts";
import { RING_MINUTES, WindowRing } from "../store/window-ring.ts";
import { type Change, packChanges, readChanges } from "../store/window-row.ts";
import type { HeadStorage, WriteRow } from "../store/write-row.ts";
import type { BoundTrack, RulePlan, RulePlanner } from "./rule-plan.ts";

/** A target's series beside its windows. */
export interface WatchedBlock {
  series: LiveBlock;
  windows: LiveBlock;
  plan: RulePlan;
  /** The layouts that the plan was made for. */
  layouts: readonly [object, object];
  /** Each track's sums at the last evaluation, counts times the track's scale. */
  last: Float64Array;
}

/** What is stored beside the windows. */
export interface WindowsMeta {
  /** The minute that the windows end with, since the epoch; 0 before the first. */
  minute: number;
  /** Address for the next number that is followed. They are never used twice, so that old minutes cannot be misread. */
  nextAddress: number;
}

export const NO_WINDOWS: WindowsMeta = { minute: 0, nextAddress: 1 };

interface Place {
  block: WatchedBlock;
  bound: BoundTrack;
  cell: number;
}

/**
 * How much each followed count has grown over its windows, to the minute. A tick adds what the minute brought, writes it
 * down as one row, and takes away what the rows that leave the windows say: its cost depends on changes, not on history.
 */
export class RuleWindows {
  readonly blocks = new Map<string, WatchedBlock>();
  readonly #planner: RulePlanner;
  readonly #series: SeriesTable;
  readonly #table: SeriesTable;
  readonly #rows: SeriesRows;
  readonly #ring: WindowRing;
  readonly #places: (Place | undefined)[] = [];
  readonly #lengths: readonly number[];
  #meta: WindowsMeta;
  /** Nothing was counted since the load: what a gauge was committed as may have come after the last evaluation. */
  #isFresh = true;
  #pending: { minute: number; bytes: Uint8Array<ArrayBuffer> } | undefined;

  /** Loads the windows that belong to `series` as it was committed. `now` in epoch ms. */
  constructor(storage: HeadStorage, series: SeriesTable, planner: RulePlanner, meta: WindowsMeta, now: number) {
    this.#planner = planner;
    this.#series = series;
    this.#meta = meta;
    this.#table = new SeriesTable(planner.privateFamilies());
    this.#rows = new SeriesRows(storage, "rule_window", this.#table);
    this.#ring = new WindowRing(storage);
    if (meta.minute === 0) this.#forget();
    this.#lengths = [...new Set(planner.tracks.flatMap((t) => t.windows))].sort((a, b) => a - b);
    const missing = this.#missingWindows();
    this.#table.reconcile(
      [...series.blocks.values()].map((block) => ({
        target: block.target,
        initial: planner.columns(block.layout, block.target),
        keep: () => false,
      })),
      now,
    );
    // What was counted before the first evaluation of a rule lies outside its windows.
    for (const block of series.blocks.values()) this.#bind(block, now, (bound) => totalsOf(bound, block));
    if (missing.size > 0) this.#rebuild(missing);
  }

  get meta(): WindowsMeta {
    return this.#meta;
  }

  get unreadable(): readonly string[] {
    return this.#rows.unreadable;
  }

  /** Counts what has happened since the last time, into the minute that `slot` (epoch ms) lies in. */
  advance(slot: number, now: number): void {
    const minute = Math.floor(slot / 60_000);
    for (const block of this.#series.blocks.values()) this.#bind(block, now, startOf);
    this.#slide(minute);
    const changes = this.#changesOf(minute);
    for (const block of this.blocks.values()) this.#count(block, changes);
    this.#isFresh = false;
    this.#pending = { minute, bytes: packChanges(changes) };
    this.#meta = { ...this.#meta, minute };
  }

  /** Writes what changed; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    this.#rows.write(writeRow);
    if (this.#pending === undefined) return;
    this.#ring.write(writeRow, this.#pending.minute, this.#pending.bytes);
    this.#pending = undefined;
  }

  /** Where it is not known what minute stored windows end with, nothing would ever leave them again. */
  #forget(): void {
    for (const target of [...this.#table.blocks.keys()]) this.#table.drop(target);
    this.#ring.clear();
  }

  /** Finds a block's groups again where series or windows came or went; `base` says what a new one starts from. */
  #bind(series: LiveBlock, now: number, base: (bound: BoundTrack) => ArrayLike<number>): void {
    const old = this.blocks.get(series.target);
    if (old !== undefined && old.layouts[0] === series.layout && old.layouts[1] === old.windows.layout) return;
    for (const { family, labels } of this.#planner.columns(series.layout, series.target))
      this.#table.at(series.target, family, labels, now);
    const windows = this.#table.blocks.get(series.target) as LiveBlock;
    const plan = this.#planner.plan(series.layout, windows.layout);
    const block = {
      series,
      windows,
      plan,
      layouts: [series.layout, windows.layout] as const,
      last: new Float64Array(plan.cells),
    };
    const before = new Map(old?.plan.tracks.map((b) => [nameOf(b), b]));
    for (const bound of plan.tracks) {
      const was = before.get(nameOf(bound));
      const last =
        was === undefined || old === undefined
          ? base(bound)
          : old.last.subarray(was.start, was.start + was.track.cells);
      block.last.set(Array.from(last), bound.start);
      this.#address(block, bound);
    }
    this.blocks.set(series.target, block);
  }

  #address(block: WatchedBlock, bound: BoundTrack): void {
    const { values } = block.windows;
    let address = values[bound.addressAt] as number;
    if (address === 0) {
      address = this.#meta.nextAddress;
      values[bound.addressAt] = address;
      this.#meta = { ...this.#meta, nextAddress: address + bound.track.cells };
      if (bound.track.type === "gauge") {
        // Its value as it is now counts as a change, so that it is found again when it leaves a window.
        block.last[bound.start] = Number.NaN;
        for (const at of bound.windowsAt) values[at] = Number.NaN;
      }
    }
    for (let cell = 0; cell < bound.track.cells; cell++) this.#places[address + cell] = { block, bound, cell };
  }

  /** Takes away what leaves the windows between the last minute and this one. */
  #slide(to: number): void {
    const from = this.#meta.minute;
    if (from === 0 || to <= from) return;
    for (const length of this.#lengths) {
      if (to - from >= length) this.#empty(length);
      else
        for (let minute = from - length + 1; minute <= to - length; minute++)
          this.#read(minute, ({ block, bound, cell }, value, isGauge) => {
            const window = bound.windowsAt[bound.track.windows.indexOf(length)];
            if (window === undefined) return;
            const at = window + cell;
            block.windows.values[at] = isGauge ? value : Math.max(0, (block.windows.values[at] as number) - value);
          });
    }
  }

  /** All that a window held has left it; of a gauge the last value is the one before the window. */
  #empty(length: number): void {
    for (const { plan, windows, last } of this.blocks.values())
      for (const { track, start, windowsAt } of plan.tracks) {
        const at = windowsAt[track.windows.indexOf(length)];
        if (at === undefined) continue;
        if (track.type === "gauge") windows.values[at] = last[start] as number;
        else windows.values.fill(0, at, at + track.cells);
      }
  }

  /** What this minute has brought already, where an earlier run of it was counted. */
  #changesOf(minute: number): Map<number, Change> {
    const changes = new Map<number, Change>();
    if (minute !== this.#meta.minute) return changes;
    const row = this.#ring.read(minute);
    if (row !== undefined)
      readChanges(row, (address, value, isGauge) => void changes.set(address, isGauge ? { to: value } : { by: value }));
    return changes;
  }

  #count(block: WatchedBlock, changes: Map<number, Change>): void {
    const { plan, windows, last } = block;
    windows.dirty = true;
    for (const bound of plan.tracks) {
      const { track, start, addressAt, windowsAt } = bound;
      const address = windows.values[addressAt] as number;
      for (let cell = 0; cell < track.cells; cell++) {
        const before = last[start + cell] as number;
        const now = totalOf(bound, cell, block.series.values);
        const isGauge = track.type === "gauge";
        if (Object.is(now, before) && !(isGauge && this.#isFresh)) continue;
        last[start + cell] = now;
        if (isGauge) changes.set(address + cell, { to: now });
        else if (now > before) {
          // Less than before: a series of the group is gone, and nothing was counted.
          const by = now - before;
          for (const at of windowsAt) windows.values[at + cell] = (windows.values[at + cell] as number) + by;
          const earlier = changes.get(address + cell);
          changes.set(address + cell, { by: whole(by + (earlier !== undefined && "by" in earlier ? earlier.by : 0)) });
        }
      }
    }
  }

  #read(minute: number, each: (place: Place, value: number, isGauge: boolean, address: number) => void): void {
    const row = this.#ring.read(minute);
    if (row === undefined) return;
    readChanges(row, (address, value, isGauge) => {
      const place = this.#places[address];
      if (place !== undefined) each(place, value, isGauge, address);
    });
  }

  /** Windows that a track which was followed before shall have and does not: a rule's window was changed. */
  #missingWindows(): Set<string> {
    const missing = new Set<string>();
    for (const { layout } of this.#table.blocks.values())
      for (const track of this.#planner.tracks)
        for (const column of layout.columns)
          if (column.family === addressFamily(track.key))
            for (const w of track.windows)
              if (layout.find(columnKey(windowFamily(track.key, w), column.labels)) === undefined)
                missing.add(`${track.key}/${w}`);
    return missing;
  }

  /** Fills new windows of tracks that were followed before from all the minutes that are kept; once, at a load. */
  #rebuild(missing: ReadonlySet<string>): void {
    const { minute: to } = this.#meta;
    const isMissing = (bound: BoundTrack, length: number): boolean => missing.has(`${bound.track.key}/${length}`);
    // A gauge that no kept minute names has not changed in all that time.
    for (const { plan, windows, last } of this.blocks.values())
      for (const bound of plan.tracks)
        for (const [i, length] of bound.track.windows.entries())
          if (isMissing(bound, length) && bound.track.type === "gauge")
            windows.values[bound.windowsAt[i] as number] = last[bound.start] as number;
    const seen = new Set<number>();
    for (let minute = Math.max(1, to - RING_MINUTES + 1); minute <= to; minute++)
      this.#read(minute, ({ block, bound, cell }, value, isGauge, address) => {
        const { values } = block.windows;
        for (const [i, length] of bound.track.windows.entries()) {
          if (!isMissing(bound, length)) continue;
          const at = (bound.windowsAt[i] as number) + cell;
          if (!isGauge) values[at] = (values[at] as number) + (minute > to - length ? value : 0);
          else if (minute <= to - length) values[at] = value;
          else if (!seen.has(address)) values[at] = Number.NaN;
        }
        seen.add(address);
      });
  }
}

const nameOf = ({ track, group }: BoundTrack): string => `${track.key}\n${group.text}`;

/** A group that appears while we watch began at 0; a gauge had no value. */
const startOf = ({ track }: BoundTrack): ArrayLike<number> =>
  new Array<number>(track.cells).fill(track.type === "gauge" ? Number.NaN : 0);

const totalsOf = (bound: BoundTrack, { values }: Block): number[] =>
  Array.from({ length: bound.track.cells }, (_, cell) => totalOf(bound, cell, values));

/** The sum of a group's series; those without a value are left out. */
function totalOf({ track, group }: BoundTrack, cell: number, values: Float64Array): number {
  let sum = track.type === "gauge" ? Number.NaN : 0;
  for (const offset of group.offsets) {
    const value = values[offset + cell] as number;
    if (!Number.isNaN(value)) sum = Number.isNaN(sum) ? value : sum + value;
  }
  return track.type === "gauge" ? sum : whole(sum * track.scale, track.scale);
}

/** As much of a count as a minute's row can hold: targets may tell of 0.5 or 1e300, and must not break the tick. */
const whole = (count: number, scale = 1): number =>
  Math.min(scale === 1 ? Math.floor(count) : Math.round(count), Number.MAX_SAFE_INTEGER);
