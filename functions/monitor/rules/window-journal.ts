import { WindowRing } from "../../store/series/window-ring.ts";
import { type Change, packChanges, type RowHead, readChanges } from "../../store/series/window-row.ts";
import type { HeadStorage, WriteRow } from "../../store/write-row.ts";
import type { BoundTrack } from "./rule-plan.ts";
import type { WatchedBlock } from "./watched-block.ts";

/** Where a number that is followed belongs. */
export interface FollowedCell {
  block: WatchedBlock;
  bound: BoundTrack;
  cell: number;
}

/** What one minute brought, by address, and the minute before it that has a row. */
export interface MinuteChanges {
  /** An earlier run of the minute was counted, and what it wrote cannot be read. */
  damaged: boolean;
  changes: Map<number, Change>;
  before: number;
}

/** What each minute brought to the numbers that are followed: a row a minute, by address. */
export class WindowJournal {
  readonly #ring: WindowRing;
  readonly #cells: (FollowedCell | undefined)[] = [];
  #pending: { minute: number; bytes: Uint8Array<ArrayBuffer> } | undefined;
  #clears = false;

  constructor(storage: HeadStorage) {
    this.#ring = new WindowRing(storage);
  }

  /** Says which number an address stands for. */
  assign(address: number, cell: FollowedCell): void {
    this.#cells[address] = cell;
  }

  /** Whether a minute has a row. */
  has(minute: number): boolean {
    return this.#ring.has(minute);
  }

  /** Reads a minute's changes; of a damaged one none. */
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

  /** What a minute has brought already, where an earlier run of it was counted; `last` is the last minute counted. */
  earlierRun(minute: number, last: number): MinuteChanges {
    const changes = new Map<number, Change>();
    if (minute !== last) return { damaged: false, changes, before: Math.min(last, minute) };
    const stored = this.#ring.read(minute);
    const row = readChanges(
      stored,
      (address, value, isGauge) => void changes.set(address, isGauge ? { to: value } : { by: value }),
    );
    const damaged = row?.minute !== minute;
    return damaged ? { damaged, changes: new Map(), before: 0 } : { damaged, changes, before: row.before };
  }

  /** Takes what a minute brought, to be written with the next commit. */
  put(minute: number, before: number, changes: ReadonlyMap<number, Change>): void {
    this.#pending = { minute, bytes: packChanges({ minute, before }, changes) };
  }

  /** Forgets all minutes with the next commit: they belong to addresses that nobody knows. */
  clear(): void {
    this.#clears = true;
  }

  /** Writes what changed; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    if (this.#clears) this.#ring.clear(writeRow);
    this.#clears = false;
    if (this.#pending === undefined) return;
    this.#ring.write(writeRow, this.#pending.minute, this.#pending.bytes);
    this.#pending = undefined;
  }
}
