import { EMPTY_MEMORY, type MemoryPatch, type TargetMemory } from "../model/probing/memory.ts";
import { remember } from "../model/probing/remember.ts";
import { decodeWithChecksum, encodeWithChecksum } from "./checksummed-json.ts";
import { ChunkedTable, type TableRow } from "./chunked-table.ts";
import { CHUNK_CUT_BYTES } from "./series/series-chunk.ts";
import { count, flag, list, maybe, number, object, oneOf, record, text, time, tuple } from "./shape.ts";

const canary = {
  probe: text,
  period: number,
  recheck: maybe(count),
  digest: maybe(text),
  committedAt: maybe(time),
  readAt: maybe(time),
  lostAt: maybe(time),
};
const isMemory = object({
  token: maybe(text),
  origins: maybe(text),
  bidiWorked: maybe(oneOf(true)),
  offers: maybe(record(flag)),
  pushedAt: maybe(time),
  canaries: list(object({ ...canary, sizeBytes: count, attemptedAt: time, attempts: count })),
  spent: object({ day: number, writtenBytes: number, tokens: number }),
});
const isPatch = object({
  token: maybe(text),
  bidiWorked: maybe(oneOf(true)),
  offers: maybe(record(flag)),
  pushedAt: maybe(time),
  canaries: maybe(
    list(object({ ...canary, sizeBytes: maybe(count), attemptedAt: maybe(time), attempts: maybe(count) })),
  ),
  unsent: maybe(list(object({ probe: text, period: number, recheck: maybe(count) }))),
  writtenBytes: maybe(number),
  tokens: maybe(number),
});
const isJournal = list(tuple(text, time, isPatch));

/** What a commit has to write. `journal` undefined: it is as it was stored. */
export interface MemoryChange {
  rows: TableRow[];
  journal: string | undefined;
}

/** A journal of nothing, as it is stored. */
export const EMPTY_JOURNAL = encodeWithChecksum("[]");

/** A journal longer than this is folded into the rows. */
const JOURNAL_BYTES = CHUNK_CUT_BYTES;

/**
 * What is remembered of every target. The memories of a fleet are megabytes of which each tick changes a little
 * everywhere, so they are stored as rows that hold many targets each, and a journal of what was added since the rows
 * were written. The journal is one text, stored beside the head's meta: a tick that only adds to it costs no row.
 */
export class ProbeStateStore {
  readonly #table = new ChunkedTable<TargetMemory>((_target, value) => isMemory(value));
  #journal = "";
  #noted = false;
  /** More than the journal tells: all rows have to be looked at. */
  #changed = false;

  /**
   * Takes a stored row; false where it, or a part of it, cannot be read, and then the next write replaces it. Rows come
   * before the journal.
   */
  restore(chunk: number, stored: unknown): boolean {
    const isWhole = this.#table.restore(chunk, stored);
    this.#changed = this.#table.isChanged;
    return isWhole;
  }

  /** Takes the stored journal; false where it cannot be read, and then the next write replaces it. */
  replay(stored: unknown): boolean {
    const known = decodeWithChecksum(stored);
    if (!isJournal(known)) {
      this.#changed = true;
      return false;
    }
    const journal = known as [string, number, MemoryPatch][];
    for (const [target, now, patch] of journal) this.#apply(target, patch, now);
    this.#journal = JSON.stringify(journal).slice(1, -1);
    return true;
  }

  get(target: string): TargetMemory {
    return this.#table.find(target) ?? EMPTY_MEMORY;
  }

  /** Adds to a target's memory; `now` in epoch ms. */
  note(target: string, patch: MemoryPatch, now: number): void {
    this.#apply(target, patch, now);
    const entry = JSON.stringify([target, now, patch]);
    this.#journal += this.#journal === "" ? entry : `,${entry}`;
    this.#noted = true;
  }

  /** Replaces a target's memory. */
  set(target: string, memory: TargetMemory): void {
    this.#table.set(target, memory);
    this.#changed = true;
  }

  /** Forgets the targets that are not named. */
  retain(targets: ReadonlySet<string>): void {
    const before = this.#table.size;
    this.#table.retain(targets);
    if (this.#table.size < before) this.#changed = true;
  }

  /** What differs from what is stored; it counts as stored from now on. */
  takeChange(): MemoryChange {
    const noted = this.#noted;
    this.#noted = false;
    if (!this.#changed && this.#journal.length <= JOURNAL_BYTES)
      return { rows: [], journal: noted ? encodeWithChecksum(`[${this.#journal}]`) : undefined };
    this.#changed = false;
    this.#journal = "";
    return { rows: this.#table.takeRows(), journal: EMPTY_JOURNAL };
  }

  #apply(target: string, patch: MemoryPatch, now: number): void {
    this.#table.set(target, remember(this.get(target), patch, now));
  }
}
