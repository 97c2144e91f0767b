import { ByteReader } from "../../lib/byte-reader.ts";
import { ByteWriter } from "../../lib/byte-writer.ts";
import { getOrInsert } from "../../lib/get-or-insert.ts";
import { type Reason, reasonAt, reasonIndex } from "../../model/probing/failure.ts";
import { LAST_ATTEMPT } from "../../model/probing/recheck.ts";
import { OUTCOMES, type Outcome, reasonOf, type Sample } from "../../model/probing/sample.ts";
import type { Vantage } from "../../model/probing/vantage.ts";

/** The stored part of a sample, identified by (target, probe, vantage, slot, attempt); times as in `Sample`. */
export interface StoredSample {
  target: string;
  probe: string;
  vantage: Vantage;
  slot: number;
  /** Saturates at 255. */
  attempt: number;
  /** Epoch ms; at most `MAX_MS` from the slot. */
  startedAt: number;
  /** Whole ms from 0 to `MAX_MS`. */
  durationMs: number;
  outcome: Outcome;
  reason?: Reason;
}

type Labels = Pick<StoredSample, "target" | "probe" | "vantage">;

/** Where durations, and distances of the start from the slot, saturate: about 4.6 hours, four bytes. */
const MAX_MS = 2 ** 24 - 1;

/** Largest block that `packParts` makes. The platform takes rows of 2 MB, and local storage does not enforce it. */
const MAX_BLOCK_BYTES = 1_000_000;

const VERSION = 1;
/** Attempts from here on have a number of their own after the first byte. */
const LONG_ATTEMPT = 7;
/** Layout of a sample's first byte: outcome, then these flags, then the attempt from bit 5 on. */
const OUTCOME_MASK = 0b111;
const HAS_REASON = 0b1000;
const NEW_SLOT = 0b1_0000;
const ATTEMPT_SHIFT = 5;
const outcomeIndexes: ReadonlyMap<Outcome, number> = new Map(OUTCOMES.map((outcome, index) => [outcome, index]));

/** Reduces a sample to its stored part. */
export function storedSample(sample: Sample): StoredSample {
  const { target, probe, vantage, slot, attempt, startedAt, durationMs, outcome } = sample;
  const stored: StoredSample = { target, probe, vantage, slot, attempt, startedAt, durationMs, outcome };
  const reason = reasonOf(sample);
  if (reason !== undefined) stored.reason = reason;
  return stored;
}

/**
 * Packs samples of any slots, in the given order, into one self-contained block:
 *
 *     version byte; names: count, texts; series: count, (target, probe, vantage) as indexes of names; samples: count,
 *     each: first byte | attempt - LONG_ATTEMPT, if it is that much | slot - previous slot, if NEW_SLOT | series - the one expected | reason, if HAS_REASON |
 *     duration | start - slot
 *
 * All numbers are varints. The block contains the names, so that it stays readable after config changes. The expected
 * series is the one after the last sample's, from 0 at each new slot: in a regular tick it always matches.
 */
export class SampleBlockWriter {
  readonly #names = new Map<string, number>();
  readonly #series: Labels[] = [];
  readonly #seriesIndexes = new Map<number, Map<number, number>>();
  readonly #nameBytes = new ByteWriter();
  readonly #seriesBytes = new ByteWriter();
  readonly #sampleBytes = new ByteWriter();
  #count = 0;
  #slot = 0;
  #expected = 0;

  add(sample: StoredSample): void {
    const bytes = this.#sampleBytes;
    const outcome = outcomeIndexes.get(sample.outcome);
    if (outcome === undefined) throw new RangeError(`Cannot store outcome "${sample.outcome}": it is not in the list`);
    const newSlot = this.#count === 0 || sample.slot !== this.#slot;
    const attempt = Math.min(Math.max(0, sample.attempt), LAST_ATTEMPT);
    const flags = (newSlot ? NEW_SLOT : 0) | (sample.reason === undefined ? 0 : HAS_REASON);
    bytes.byte(outcome | flags | (Math.min(attempt, LONG_ATTEMPT) << ATTEMPT_SHIFT));
    if (attempt >= LONG_ATTEMPT) bytes.unsigned(attempt - LONG_ATTEMPT);
    if (newSlot) {
      bytes.signed(sample.slot - this.#slot);
      this.#slot = sample.slot;
      this.#expected = 0;
    }
    const series = this.#seriesOf(sample);
    bytes.signed(series - this.#expected);
    this.#expected = series + 1;
    if (sample.reason !== undefined) bytes.unsigned(reasonIndex(sample.reason));
    bytes.unsigned(clampMs(sample.durationMs, 0));
    bytes.signed(clampMs(sample.startedAt - sample.slot, -MAX_MS));
    this.#count++;
  }

  /** The block of all samples added so far; more may be added later. */
  finish(): Uint8Array<ArrayBuffer> {
    const block = new ByteWriter();
    block.byte(VERSION);
    block.unsigned(this.#names.size);
    block.append(this.#nameBytes.view());
    block.unsigned(this.#series.length);
    block.append(this.#seriesBytes.view());
    block.unsigned(this.#count);
    block.append(this.#sampleBytes.view());
    return block.view().slice();
  }

  #seriesOf({ target, probe, vantage }: StoredSample): number {
    const expected = this.#series[this.#expected];
    // Nearly always correct in a block of many slots, and much faster than the maps.
    if (expected?.target === target && expected.probe === probe && expected.vantage === vantage) return this.#expected;
    const names = [this.#nameOf(target), this.#nameOf(probe), this.#nameOf(vantage)] as const;
    const ofTarget = getOrInsert(this.#seriesIndexes, names[0], () => new Map<number, number>());
    // Far above any number of names; a pair of indexes stays an exact integer.
    const pair = names[1] * 2 ** 26 + names[2];
    const known = ofTarget.get(pair);
    if (known !== undefined) return known;
    for (const name of names) this.#seriesBytes.unsigned(name);
    ofTarget.set(pair, this.#series.length);
    return this.#series.push({ target, probe, vantage }) - 1;
  }

  #nameOf(text: string): number {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    this.#nameBytes.text(text);
    this.#names.set(text, this.#names.size);
    return this.#names.size - 1;
  }
}

/** Packs samples into one block, however large. */
function packSamples(samples: readonly StoredSample[]): Uint8Array<ArrayBuffer> {
  const writer = new SampleBlockWriter();
  for (const sample of samples) writer.add(sample);
  return writer.finish();
}

/** Packs samples into as few blocks of at most `maxBytes` as possible (a single sample always fits); no blocks without samples. */
export function packParts(samples: readonly StoredSample[], maxBytes = MAX_BLOCK_BYTES): Uint8Array<ArrayBuffer>[] {
  if (samples.length === 0) return [];
  const block = packSamples(samples);
  if (block.length <= maxBytes || samples.length === 1) return [block];
  const middle = Math.ceil(samples.length / 2);
  return [...packParts(samples.slice(0, middle), maxBytes), ...packParts(samples.slice(middle), maxBytes)];
}

/** `version`: written by another version of this code. `damaged`: not valid in any version. */
export type UnpackResult = { ok: true; samples: StoredSample[] } | { ok: false; error: "version" | "damaged" };

const DAMAGED: UnpackResult = { ok: false, error: "damaged" };

/** Unpacks a block, even an untrusted one, with memory proportional to its size. */
export function unpackSamples(bytes: Uint8Array): UnpackResult {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (reader.broken) return DAMAGED;
  if (version !== VERSION) return { ok: false, error: "version" };

  const names: string[] = [];
  for (let left = reader.unsigned(); left > 0 && !reader.broken; left--) names.push(reader.text());

  const series: Labels[] = [];
  for (let left = reader.unsigned(); left > 0 && !reader.broken; left--) {
    const target = names[reader.unsigned()];
    const probe = names[reader.unsigned()];
    const vantage = names[reader.unsigned()];
    if (target === undefined || probe === undefined || vantage === undefined) return DAMAGED;
    series.push({ target, probe, vantage });
  }

  const samples: StoredSample[] = [];
  let slot = 0;
  let expected = 0;
  for (let left = reader.unsigned(); left > 0; left--) {
    const first = reader.byte();
    const short = first >> ATTEMPT_SHIFT;
    const attempt = short < LONG_ATTEMPT ? short : LONG_ATTEMPT + reader.unsigned();
    if ((first & NEW_SLOT) !== 0) {
      slot += reader.signed();
      expected = 0;
    }
    const index = expected + reader.signed();
    expected = index + 1;
    const reason = (first & HAS_REASON) === 0 ? undefined : reasonAt(reader.unsigned());
    const durationMs = reader.unsigned();
    const startedAt = slot + reader.signed();
    const outcome = OUTCOMES[first & OUTCOME_MASK];
    const labels = series[index];
    const valid = !reader.broken && Number.isSafeInteger(slot) && Number.isSafeInteger(startedAt);
    if (!valid || outcome === undefined || labels === undefined || attempt > LAST_ATTEMPT) return DAMAGED;
    const { target, probe, vantage } = labels;
    const sample: StoredSample = { target, probe, vantage, slot, attempt, startedAt, durationMs, outcome };
    if (reason !== undefined) sample.reason = reason;
    samples.push(sample);
  }
  return reader.broken || reader.left > 0 ? DAMAGED : { ok: true, samples };
}

function clampMs(value: number, min: number): number {
  // NaN from a broken clock must not break the tick that stores it.
  return Math.round(Math.min(Math.max(value || 0, min), MAX_MS));
}
