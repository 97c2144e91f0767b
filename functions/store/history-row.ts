import { getOrInsert } from "../lib/get-or-insert.ts";
import type { Reason } from "../model/failure.ts";
import { SampleBlockWriter, type StoredSample, unpackSamples } from "./sample-block.ts";

export const HOUR_MS = 3_600_000;

/** Start of the UTC hour that `at` (epoch ms) lies in. */
export const hourOf = (at: number): number => at - (at % HOUR_MS);

/** How runs went. `runs` = attempts + skips + blocked; failures and degraded are among attempts, durations over them. */
export interface Tally {
  runs: number;
  attempts: number;
  failures: number;
  degraded: number;
  skips: number;
  blocked: number;
  durationSumMs: number;
  durationMaxMs: number;
}

/** The tally of one probe. `reasons` counts its failures. */
export interface ProbeTally extends Tally {
  reasons: Partial<Record<Reason, number>>;
}

/** What an hour was like for one target. */
export interface Rollup {
  /** Slots with at least one run. */
  slots: number;
  total: Tally;
  /** By name of the probe. */
  probes: Readonly<Record<string, ProbeTally>>;
}

/** A row of the history table: one target, one hour, as one owner saw it. */
export interface HistoryRow extends Rollup {
  target: string;
  /** Start of the hour, epoch ms. */
  hour: number;
  /** `SHARD:GENERATION`. */
  owner: string;
  /** Every sample of the row, packed; null where history no longer keeps them. */
  samples: Uint8Array | null;
}

const emptyTally = (): Tally => ({
  runs: 0,
  attempts: 0,
  failures: 0,
  degraded: 0,
  skips: 0,
  blocked: 0,
  durationSumMs: 0,
  durationMaxMs: 0,
});

/** Adds `more` to `tally`. */
export function addTally(tally: Tally, more: Tally): void {
  tally.runs += more.runs;
  tally.attempts += more.attempts;
  tally.failures += more.failures;
  tally.degraded += more.degraded;
  tally.skips += more.skips;
  tally.blocked += more.blocked;
  tally.durationSumMs += more.durationSumMs;
  tally.durationMaxMs = Math.max(tally.durationMaxMs, more.durationMaxMs);
}

/** Sums samples, or other rollups, of one target and hour. */
export class RollupBuilder {
  readonly #slots = new Set<number>();
  #moreSlots = 0;
  // A map, since a probe's name may be that of a property every object has.
  readonly #probes = new Map<string, ProbeTally>();

  addSample({ probe, slot, outcome, durationMs, reason }: StoredSample): void {
    const tally = this.#probe(probe);
    this.#slots.add(slot);
    tally.runs++;
    if (outcome === "skipped") tally.skips++;
    else if (outcome === "blocked") tally.blocked++;
    else {
      tally.attempts++;
      tally.durationSumMs += durationMs;
      tally.durationMaxMs = Math.max(tally.durationMaxMs, durationMs);
      if (outcome === "degraded") tally.degraded++;
      if (outcome === "failed") {
        tally.failures++;
        if (reason !== undefined) tally.reasons[reason] = (tally.reasons[reason] ?? 0) + 1;
      }
    }
  }

  /** Adds a rollup whose samples are gone; slots that two rollups share are then counted twice. */
  addRollup({ slots, probes }: Rollup): void {
    this.#moreSlots += slots;
    for (const [name, more] of Object.entries(probes)) {
      const tally = this.#probe(name);
      addTally(tally, more);
      for (const [reason, count] of Object.entries(more.reasons) as [Reason, number][]) {
        tally.reasons[reason] = (tally.reasons[reason] ?? 0) + count;
      }
    }
  }

  build(): Rollup {
    const total = emptyTally();
    for (const tally of this.#probes.values()) addTally(total, tally);
    return { slots: this.#slots.size + this.#moreSlots, total, probes: Object.fromEntries(this.#probes) };
  }

  #probe(name: string): ProbeTally {
    return getOrInsert(this.#probes, name, () => ({ ...emptyTally(), reasons: {} }));
  }
}

/** The packed samples of a tick, or of a part of it, and who probed. */
export interface OwnedBlock {
  /** `SHARD:GENERATION`. */
  owner: string;
  samples: Uint8Array;
}

/** The rows of an hour and what they were made of. */
export interface HourRows {
  rows: HistoryRow[];
  /** Blocks that were read, unreadable ones included. */
  blocks: number;
  /** Blocks that could not be unpacked; their samples are in no row. */
  unreadable: number;
}

/** Makes an hour's rows from its blocks, one block in memory at a time; the same blocks give the same rows again. */
export function rowsOfHour(blocks: Iterable<OwnedBlock>, hour: number): HourRows {
  const builders = new Map<string, Map<string, RowBuilder>>();
  let count = 0;
  let unreadable = 0;
  for (const { owner, samples } of blocks) {
    count++;
    const unpacked = unpackSamples(samples);
    if (!unpacked.ok) {
      unreadable++;
      continue;
    }
    const targets = getOrInsert(builders, owner, () => new Map<string, RowBuilder>());
    for (const sample of unpacked.samples) {
      const row = getOrInsert(targets, sample.target, () => new RowBuilder(sample.target, hour, owner));
      row.add(sample);
    }
  }
  const rows = Array.from(builders.values()).flatMap((targets) => Array.from(targets.values(), (row) => row.build()));
  return { rows, blocks: count, unreadable };
}

class RowBuilder {
  readonly #key: Pick<HistoryRow, "target" | "hour" | "owner">;
  readonly #rollup = new RollupBuilder();
  readonly #samples = new SampleBlockWriter();

  constructor(target: string, hour: number, owner: string) {
    this.#key = { target, hour, owner };
  }

  add(sample: StoredSample): void {
    this.#rollup.addSample(sample);
    this.#samples.add(sample);
  }

  build(): HistoryRow {
    return { ...this.#key, ...this.#rollup.build(), samples: this.#samples.finish() };
  }
}
