import { type StoredSample, unpackSamples } from "./sample-block.ts";

/** Packed samples of a target and hour from one owner (`SHARD:GENERATION`); null if no longer kept. */
export interface OwnedSamples {
  owner: string;
  samples: Uint8Array | null;
}

/** Merged samples of several owners of one target and hour, each run once. */
export interface MergedSamples {
  /** By slot, each (probe, vantage, slot, attempt) once. */
  samples: StoredSample[];
  /** Number of owners whose samples are no longer kept or cannot be read. */
  missing: number;
}

/** Merges the samples of several owners. If two ran the same slot, the later owner's count. */
export function mergeSamples(rows: readonly OwnedSamples[]): MergedSamples {
  const merged = new Map<string, StoredSample>();
  let missing = 0;
  for (const { samples } of rows.toSorted((a, b) => compareOwners(a.owner, b.owner))) {
    const unpacked = samples === null ? undefined : unpackSamples(samples);
    if (!unpacked?.ok) missing++;
    else for (const sample of unpacked.samples) merged.set(keyOf(sample), sample);
  }
  return { samples: Array.from(merged.values()).sort((a, b) => a.slot - b.slot), missing };
}

const keyOf = ({ probe, vantage, slot, attempt }: StoredSample): string =>
  JSON.stringify([probe, vantage, slot, attempt]);

/** Orders owners by generation, then shard. */
function compareOwners(a: string, b: string): number {
  const [shardA = 0, generationA = 0] = a.split(":").map(Number);
  const [shardB = 0, generationB = 0] = b.split(":").map(Number);
  return generationA - generationB || shardA - shardB;
}
