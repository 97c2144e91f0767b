import type { Place } from "../model/location-hints.ts";
import type { KeyValueStorage } from "./key-value-table.ts";
import { KeyValueTable } from "./key-value-table.ts";
import { count, maybe, object, type Shape, text, time } from "./shape.ts";

/** What a Monitor knows of one of its RegionProbers. */
export interface StoredProber {
  /** From 1. */
  generation: number;
  /** Where it runs; absent before it has said so. */
  place?: Place;
  /** When it was last asked, epoch ms. */
  askedAt?: number;
  /** When this generation was made, epoch ms; absent for the first. */
  remadeAt?: number;
}

const isStoredProber: Shape<StoredProber> = object({
  generation: count,
  place: maybe(object({ colo: text, country: text })),
  askedAt: maybe(time),
  remadeAt: maybe(time),
});

const isKnownProber = (_key: string, value: unknown): value is StoredProber =>
  isStoredProber(value) && value.generation >= 1;

/** The RegionProbers of a Monitor, by vantage and lane, in the object's own storage. A damaged row is forgotten. */
export class ProberStore {
  readonly #table: KeyValueTable<StoredProber>;

  constructor(storage: KeyValueStorage) {
    this.#table = new KeyValueTable(storage, "prober", isKnownProber);
  }

  get(vantage: string, lane: number): StoredProber | undefined {
    return this.#table.get(keyOf(vantage, lane));
  }

  /** Stores what is known now, with one row. */
  save(vantage: string, lane: number, prober: StoredProber): void {
    this.#table.set(keyOf(vantage, lane), prober);
    this.#table.write();
  }
}

const keyOf = (vantage: string, lane: number): string => `${vantage}:${lane}`;
