import { WindowRing } from "../../store/series/window-ring.ts";
import { type Change, packChanges, type RowHead, readChanges } from "../../store/series/window-row.ts";
import type { HeadStorage, WriteRow } from "../../store/write-row.ts";
import type { BoundTrack } from "./rule-plan.ts";
import type { WatchedBlock } from "./watched-block.ts";

/** Where a tracked number belongs. */
export interface FollowedCell {
  block: WatchedBlock;
  bound: BoundTrack;
  cell: number;
}

/** Changes of one minute, by address, and the previous minute with a row. */
export interface MinuteChanges {
  /** The minute was counted before, and its row cannot be read. */
  damaged: boolean;
  changes: Map<number, Change>;
  before: number;
}

/** Changes of tracked numbers: one row per minute, by address. */
export class WindowJournal {
  readonly #ring: WindowRing;
  readonly #cells: (FollowedCell | undefined)[] = [];
  #pending: { minute: number; bytes: Uint8Array<ArrayBuffer> } | undefined;
  #clears = false;
  #lastKept: number | undefined;

  constructor(storage: HeadStorage) {
    this.#ring = new WindowRing(storage);
  }

  /** Registers the number of an address. */
  assign(address: number, cell: FollowedCell): void {
    this.#cells[address] = cell;
  }

  /** Whether a minute has a row. */
  has(minute: number): boolean {
    return this.#ring.has(minute);
  }

  /** Reads a minute's changes; none if damaged. */
  read(
    minute: number,
    each: (cell: FollowedCell, value: number, isGauge: boolean, address: number) => void,
  ): RowHead | "none" | "damaged" {
    const stored = this.#ring.read(minute);
    if (stored === undefined) return "none";
    const row = readChanges(stored, (address, value, isGauge) => {
      const cell = this.#cells[address];
      if (cell !== undefined) each(cell, value, isGauge, address);
    });
    return row?.minute === minute ? row : "damaged";
  }

  /** Changes of a minute that was counted before; `last`: the last counted minute. */
  earlierRun(minute: number, last: number): MinuteChanges {
    const changes = new Map<number, Change>();
    if (minute > last) return { damaged: false, changes, before: last };
    const stored = this.#ring.read(minute);
    // The clock was set back to a minute that nobody has counted.
    if (minute < last && stored === undefined) return { damaged: false, changes, before: 0 };
    const row = readChanges(
      stored,
      (address, value, isGauge) => void changes.set(address, isGauge ? { to: value } : { by: value }),
    );
    const damaged = row?.minute !== minute;
    return damaged ? { damaged, changes: new Map(), before: 0 } : { damaged, changes, before: row.before };
  }

  /** Sets a minute's changes, to be written with the next commit. */
  put(minute: number, before: number, changes: ReadonlyMap<number, Change>): void {
    this.#pending = { minute, bytes: packChanges({ minute, before }, changes) };
  }

  /** Deletes the minutes after this one with the next commit: the clock was ahead. */
  forgetAfter(minute: number): void {
    this.#lastKept = minute;
  }

  /** Deletes all minutes with the next commit, because their addresses are unknown. */
  clear(): void {
    this.#clears = true;
  }

  /** Writes all changes; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    if (this.#clears) this.#ring.clear(writeRow);
    this.#clears = false;
    if (this.#lastKept !== undefined) this.#ring.deleteAfter(writeRow, this.#lastKept);
    this.#lastKept = undefined;
    if (this.#pending === undefined) return;
    this.#ring.write(writeRow, this.#pending.minute, this.#pending.bytes);
    this.#pending = undefined;
  }
}
