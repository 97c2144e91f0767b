import { windowFamily } from "../../evaluate/rules/track-families.ts";
import { MINUTE_MS } from "../../lib/time-units.ts";
import type { WindowsMeta } from "../../store/monitor-meta.ts";
import type { LiveBlock } from "../../store/series/live-block.ts";
import { SeriesRows } from "../../store/series/series-rows.ts";
import { SeriesTable } from "../../store/series/series-table.ts";
import { RING_MINUTES } from "../../store/series/window-ring.ts";
import type { Change } from "../../store/series/window-row.ts";
import type { HeadStorage, WriteRow } from "../../store/write-row.ts";
import { fillWindows, missingWindows } from "./fill-windows.ts";
import { healWindows } from "./heal-windows.ts";
import type { BoundTrack, RulePlanner } from "./rule-plan.ts";
import { nameOf, startOf, totalOf, totalsOf, whole } from "./track-total.ts";
import type { WatchedBlock } from "./watched-block.ts";
import { WindowJournal } from "./window-journal.ts";

/**
 * The clock may be set back by so many minutes without a word: what windows have left cannot come back, so they stay where
 * they are until it has caught up.
 */
const MOST_BEHIND = 10;

const NO_WINDOWS: WindowsMeta = { minute: 0, nextAddress: 1 };

/**
 * Increases of tracked counts over their windows, to the minute. A tick adds the minute's changes, writes them as one row,
 * and subtracts the rows that leave the windows: its cost depends on changes, not on history.
 */
export class RuleWindows {
  readonly blocks = new Map<string, WatchedBlock>();
  /** Descriptions of unusable stored data; it starts again. */
  readonly unreadable: string[] = [];
  readonly #planner: RulePlanner;
  readonly #series: SeriesTable;
  readonly #table: SeriesTable;
  readonly #rows: SeriesRows;
  readonly #journal: WindowJournal;
  readonly #lengths: readonly number[];
  #meta: WindowsMeta;
  /** Nothing was counted since the load: a gauge may have been committed after the last evaluation. */
  #isFresh = true;
  /** Descriptions of data that could not be read while windows moved. */
  #damaged: string[] = [];

  /** Loads the windows that belong to `series` as it was committed, with the `meta` stored beside them. `now` in epoch ms. */
  constructor(
    storage: HeadStorage,
    series: SeriesTable,
    planner: RulePlanner,
    meta: WindowsMeta | undefined,
    now: number,
  ) {
    this.#planner = planner;
    this.#series = series;
    this.#table = new SeriesTable(planner.privateFamilies());
    this.#rows = new SeriesRows(storage, "rule_window", this.#table);
    this.#journal = new WindowJournal(storage);
    this.unreadable.push(...this.#rows.unreadable.map((why) => `rule_window ${why}`));
    this.#meta = meta ?? NO_WINDOWS;
    if (meta === undefined && this.#table.blocks.size > 0) this.#beginAnew();
    this.#lengths = [...new Set(planner.tracks.flatMap((t) => t.windows))].sort((a, b) => a - b);
    const missing = missingWindows(this.#table, planner.tracks);
    this.#table.reconcile(
      [...series.blocks.values()].map((block) => ({
        target: block.target,
        initial: planner.columns(block.layout, block.target),
        keep: () => false,
      })),
      now,
    );
    // Counts from before the first evaluation of a rule are outside its windows.
    for (const block of series.blocks.values()) this.#bind(block, now, (bound) => totalsOf(bound, block));
    for (const block of this.blocks.values()) this.unreadable.push(...healWindows(block));
    if (missing.size > 0) {
      const isMissing = ({ track }: BoundTrack, length: number): boolean =>
        missing.has(windowFamily(track.key, length));
      fillWindows(this.blocks, this.#journal, isMissing, this.#meta.minute);
    }
  }

  get meta(): WindowsMeta {
    return this.#meta;
  }

  /** Descriptions of lost or damaged data since the last call; windows continue without it. */
  takeDamaged(): string[] {
    return this.#damaged.splice(0);
  }

  /** Counts the changes since the last call into the minute of `slot` (epoch ms), or the newest one where that is later. */
  advance(slot: number, now: number): void {
    const named = Math.floor(slot / MINUTE_MS);
    const isBehind = named < this.#meta.minute;
    const minute = isBehind && this.#meta.minute - named <= MOST_BEHIND ? this.#meta.minute : named;
    for (const block of this.#series.blocks.values()) this.#bind(block, now, startOf);
    const { damaged, changes, before } = this.#journal.earlierRun(minute, this.#meta.minute);
    if (minute < this.#meta.minute) this.#goBack(minute);
    else if (damaged || !this.#slide(minute)) this.#fix(minute, "rule_minute: lost or damaged minutes");
    for (const block of this.blocks.values()) this.#count(block, changes);
    this.#isFresh = false;
    this.#journal.put(minute, before, changes);
    this.#meta = { ...this.#meta, minute };
  }

  /** Writes all changes; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    this.#rows.write(writeRow);
    this.#journal.write(writeRow);
  }

  /** Matches a block's groups after series or windows were added or removed; `base` gives the start of a new one. */
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
        // Its current value counts as a change, so that it is found when it leaves a window.
        block.last[bound.start] = Number.NaN;
        for (const at of bound.windowsAt) values[at] = Number.NaN;
      }
    }
    for (let cell = 0; cell < bound.track.cells; cell++) this.#journal.assign(address + cell, { block, bound, cell });
  }

  /** Without the last minute, it is unknown what has left the windows, and which addresses are used. */
  #beginAnew(): void {
    this.unreadable.push("windows: their minute is lost");
    for (const name of [...this.#table.blocks.keys()]) this.#table.drop(name);
    this.#journal.clear();
  }

  /**
   * Subtracts what leaves the windows between the last minute and this one. False if some of it cannot be read: it would stay
   * in the windows forever.
   */
  #slide(to: number): boolean {
    const from = this.#meta.minute;
    if (from === 0 || to <= from) return true;
    let isWhole = true;
    for (const length of this.#lengths) {
      if (to - from >= length) this.#empty(length);
      else
        for (let minute = from - length + 1; minute <= to - length; minute++)
          if (!this.#leave(minute, length)) isWhole = false;
    }
    return isWhole;
  }

  /** Removes a minute from the windows of one length; false if it, or the one before it, is lost or damaged. */
  #leave(minute: number, length: number): boolean {
    const repairedAt = this.#meta.repairedAt ?? 0;
    const row = this.#journal.read(minute, ({ block, bound, cell }, value, isGauge) => {
      const window = bound.windowsAt[bound.track.windows.indexOf(length)];
      if (window === undefined) return;
      const at = window + cell;
      block.windows.values[at] = isGauge ? value : Math.max(0, (block.windows.values[at] as number) - value);
    });
    if (row === "none") return true;
    if (row === "damaged") return minute <= repairedAt;
    const isKept = row.before > this.#meta.minute - RING_MINUTES;
    return row.before <= repairedAt || !isKept || this.#journal.has(row.before);
  }

  /** Empties a window; a gauge's last value becomes the one before the window. */
  #empty(length: number): void {
    for (const { plan, windows, last } of this.blocks.values())
      for (const { track, start, windowsAt } of plan.tracks) {
        const at = windowsAt[track.windows.indexOf(length)];
        if (at === undefined) continue;
        if (track.type === "gauge") windows.values[at] = last[start] as number;
        else windows.values.fill(0, at, at + track.cells);
      }
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
          // A lower sum means that a series of the group is gone, and nothing was counted.
          const by = now - before;
          for (const at of windowsAt) windows.values[at + cell] = (windows.values[at + cell] as number) + by;
          const earlier = changes.get(address + cell);
          changes.set(address + cell, { by: whole(by + (earlier !== undefined && "by" in earlier ? earlier.by : 0)) });
        }
      }
    }
  }

  /** The clock was wrong for long: what was counted in minutes that are yet to come is in no window, and never leaves one. */
  #goBack(to: number): void {
    this.#journal.forgetAfter(to);
    this.#fix(to, `windows: the clock was set back by ${this.#meta.minute - to} minutes`);
  }

  /** Fills all windows again from the readable minutes. */
  #fix(to: number, why: string): void {
    this.#damaged.push(why);
    for (const { plan, windows } of this.blocks.values())
      for (const { track, windowsAt } of plan.tracks)
        for (const at of windowsAt) windows.values.fill(0, at, at + track.cells);
    fillWindows(this.blocks, this.#journal, () => true, to);
    this.#meta = { ...this.#meta, repairedAt: Math.max(to, this.#meta.minute) };
  }
}
