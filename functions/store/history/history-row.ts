import { getOrInsert } from "../../lib/get-or-insert.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { Reason } from "../../model/probing/failure.ts";
import { SampleBlockWriter, type StoredSample, unpackSamples } from "./sample-block.ts";

/** Start of the UTC hour that `at` (epoch ms) lies in. */
export const hourOf = (at: number): number => at - (at % HOUR_MS);

/** How runs went. `runs` = attempts + skips + blocked; failures and degraded are among attempts, durations over them. */
interface RunCount {
  runs: number;
  attempts: number;
  failures: number;
  degraded: number;
  skips: number;
  blocked: number;
  durationSumMs: number;
  durationMaxMs: number;
}

/** Counts of one probe. `reasons` counts its failures. */
export interface ProbeRunCount extends RunCount {
  reasons: Partial<Record<Reason, number>>;
}

/** What an hour was like for one target. */
interface Rollup {
  /** Slots with at least one run. */
  slots: number;
  total: RunCount;
  /** By probe. */
  probes: Readonly<Record<string, ProbeRunCount>>;
}

/** A row of the history table: one target and hour, by one owner. */
export interface HistoryRow extends Rollup {
  target: string;
  /** Start of the hour, epoch ms. */
  hour: number;
  /** `SHARD:GENERATION`. */
  owner: string;
  /** All samples of the row, packed; null if no longer kept. */
  samples: Uint8Array | null;
}

const emptyRunCount = (): RunCount => ({
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
function addRunCount(runCount: RunCount, more: RunCount): void {
  runCount.runs += more.runs;
  runCount.attempts += more.attempts;
  runCount.failures += more.failures;
  runCount.degraded += more.degraded;
  runCount.skips += more.skips;
  runCount.blocked += more.blocked;
  runCount.durationSumMs += more.durationSumMs;
  runCount.durationMaxMs = Math.max(runCount.durationMaxMs, more.durationMaxMs);
}

/** Sums samples of one target and hour. */
class RollupBuilder {
  readonly #slots = new Set<number>();
  // A map, since a probe's name may be that of a property every object has.
  readonly #probes = new Map<string, ProbeRunCount>();

  addSample({ probe, slot, outcome, durationMs, reason }: StoredSample): void {
    const runCount = this.#probe(probe);
    this.#slots.add(slot);
    runCount.runs++;
    if (outcome === "skipped") runCount.skips++;
    else if (outcome === "blocked") runCount.blocked++;
    else {
      runCount.attempts++;
      runCount.durationSumMs += durationMs;
      runCount.durationMaxMs = Math.max(runCount.durationMaxMs, durationMs);
      if (outcome === "degraded") runCount.degraded++;
      if (outcome === "failed") {
        runCount.failures++;
        if (reason !== undefined) runCount.reasons[reason] = (runCount.reasons[reason] ?? 0) + 1;
      }
    }
  }

  build(): Rollup {
    const total = emptyRunCount();
    for (const runCount of this.#probes.values()) addRunCount(total, runCount);
    return { slots: this.#slots.size, total, probes: Object.fromEntries(this.#probes) };
  }

  #probe(name: string): ProbeRunCount {
    return getOrInsert(this.#probes, name, () => ({ ...emptyRunCount(), reasons: {} }));
  }
}

/** Packed samples of a tick or a part of it, with their owner. */
export interface OwnedBlock {
  /** `SHARD:GENERATION`. */
  owner: string;
  samples: Uint8Array;
}

/** The rows of an hour, and the blocks they were made from. */
export interface HourRows {
  rows: HistoryRow[];
  /** Number of blocks read, including unreadable ones. */
  blocks: number;
  /** Number of blocks that could not be unpacked; their samples are in no row. */
  unreadable: number;
}

/** Makes an hour's rows from its blocks, one block in memory at a time. The same blocks always give the same rows. */
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
