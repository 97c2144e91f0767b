import { EMPTY_MEMORY, type MemoryPatch, type TargetMemory } from "../model/probing/memory.ts";
import { remember } from "../model/probing/remember.ts";
import { decodeWithChecksum, encodeWithChecksum } from "./checksummed-json.ts";
import { ChunkedTable, type TableRow } from "./chunked-table.ts";
import { CHUNK_CUT_BYTES } from "./series/series-chunk.ts";
import { count, flag, list, maybe, number, object, oneOf, record, type Shape, text, time, tuple } from "./shape.ts";

const canary = {
  probe: text,
  period: number,
  recheck: maybe(count),
  digest: maybe(text),
  committedAt: maybe(time),
  readAt: maybe(time),
  lostAt: maybe(time),
};
const isMemory: Shape<TargetMemory> = object({
  token: maybe(text),
  origins: maybe(text),
  bidiWorked: maybe(oneOf(true)),
  offers: maybe(record(flag)),
  looks: maybe(record(object({ at: time, isHttp2Only: flag }))),
  pushedAt: maybe(time),
  canaries: list(object({ ...canary, sizeBytes: count, attemptedAt: time, attempts: count })),
  spent: object({ day: number, writtenBytes: number, tokens: number }),
});
const isPatch: Shape<MemoryPatch> = object({
  token: maybe(text),
  bidiWorked: maybe(oneOf(true)),
  offers: maybe(record(flag)),
  looks: maybe(record(object({ at: time, isHttp2Only: flag }))),
  pushedAt: maybe(time),
  canaries: maybe(
    list(object({ ...canary, sizeBytes: maybe(count), attemptedAt: maybe(time), attempts: maybe(count) })),
  ),
  unsent: maybe(list(object({ probe: text, period: number, recheck: maybe(count) }))),
  writtenBytes: maybe(number),
  tokens: maybe(number),
});
const isJournal = list(tuple(text, time, isPatch));

/** What a commit must write. `journal` undefined: unchanged. */
export interface MemoryChange {
  rows: TableRow[];
  journal: string | undefined;
}

/** The stored form of an empty journal. */
export const EMPTY_JOURNAL = encodeWithChecksum("[]");

/** A longer journal is merged into the rows, whatever they hold. */
const JOURNAL_BYTES = CHUNK_CUT_BYTES;
/** A shorter one never is. */
const SHORT_JOURNAL_BYTES = 8 * 1024;

/**
 * The memories of all targets. A fleet's memories are megabytes, and each tick changes a little of many of them. They are
 * therefore stored as rows with many targets each, plus a journal of patches since the rows were written. The journal is
 * one text, stored beside the head's meta: a tick that only appends to it costs no extra row.
 */
export class ProbeStateStore {
  readonly #table = new ChunkedTable<TargetMemory>((_target, value): value is TargetMemory => isMemory(value));
  #journal = "";
  #noted = false;
  /** There are changes that the journal does not contain: all rows must be compared. */
  #changed = false;

  /**
   * Loads a stored row; false if it or a part of it cannot be read. The next write then replaces it. Load rows before the
   * journal.
   */
  restore(chunk: number, stored: unknown): boolean {
    const isWhole = this.#table.restore(chunk, stored);
    this.#changed = this.#table.isChanged;
    return isWhole;
  }

  /** Loads the stored journal; false if it cannot be read. The next write then replaces it. */
  replay(stored: unknown): boolean {
    const known = decodeWithChecksum(stored);
    if (!isJournal(known)) {
      this.#changed = true;
      return false;
    }
    for (const [target, now, patch] of known) this.#apply(target, patch, now);
    this.#journal = JSON.stringify(known).slice(1, -1);
    return true;
  }

  get(target: string): TargetMemory {
    return this.#table.find(target) ?? EMPTY_MEMORY;
  }

  /** Applies a patch to a target's memory; `now` in epoch ms. */
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

  /** Removes all targets that are not named. */
  retain(targets: ReadonlySet<string>): void {
    const before = this.#table.size;
    this.#table.retain(targets);
    if (this.#table.size < before) this.#changed = true;
  }

  /** The changes to write. They count as stored from now on. */
  takeChange(): MemoryChange {
    const noted = this.#noted;
    this.#noted = false;
    if (!this.#changed && this.#journal.length <= this.#longestJournal())
      return { rows: [], journal: noted ? encodeWithChecksum(`[${this.#journal}]`) : undefined };
    this.#changed = false;
    this.#journal = "";
    return { rows: this.#table.takeRows(), journal: EMPTY_JOURNAL };
  }

  /**
   * Each commit that notes something writes the whole journal anew. One that is longer than the rows therefore costs more
   * than the rows that it saves.
   */
  #longestJournal(): number {
    return Math.min(JOURNAL_BYTES, Math.max(SHORT_JOURNAL_BYTES, this.#table.storedLength));
  }

  #apply(target: string, patch: MemoryPatch, now: number): void {
    this.#table.set(target, remember(this.get(target), patch, now));
  }
}
