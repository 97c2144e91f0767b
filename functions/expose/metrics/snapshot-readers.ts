import type { Snapshot } from "../../model/snapshot.ts";
import { SnapshotReader, type WireSnapshot } from "../../model/snapshot-wire.ts";

/** Names that are cached of all shards together: some megabytes. */
const MOST_NAMES = 40_000;

/** Reads snapshots. The names of those read last are cached, as far as they are few, so that only numbers are sent. */
export class SnapshotReaders {
  /** The one that was used last comes last. */
  readonly #readers = new Map<number | "alerter", SnapshotReader>();

  /** `whose`: whose numbers `ask` asks for; undefined: a part of them, whose names are not cached. */
  async read(
    whose: number | "alerter" | undefined,
    ask: (known: string | undefined) => Promise<WireSnapshot>,
  ): Promise<Snapshot | undefined> {
    const reader = whose === undefined ? new SnapshotReader() : this.#readerOf(whose);
    // Another request may have brought newer names while this one waited.
    const snapshot = reader.accept(await ask(reader.structure)) ?? reader.accept(await ask(undefined));
    this.#forgetOldest();
    return snapshot;
  }

  #readerOf(whose: number | "alerter"): SnapshotReader {
    const reader = this.#readers.get(whose) ?? new SnapshotReader();
    this.#readers.delete(whose);
    this.#readers.set(whose, reader);
    return reader;
  }

  #forgetOldest(): void {
    let names = 0;
    for (const reader of this.#readers.values()) names += reader.names;
    for (const [whose, reader] of this.#readers) {
      if (names <= MOST_NAMES) return;
      names -= reader.names;
      this.#readers.delete(whose);
    }
  }
}
