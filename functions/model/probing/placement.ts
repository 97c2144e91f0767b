import { fnv1a } from "../../lib/fnv1a.ts";
import { spread } from "../../lib/spread.ts";

/** Connections that the platform lets one invocation hold at once, and so the runs that one prober admits without waiting. */
export const CONNECTIONS = 6;
/** A Monitor waits for this many RegionProbers at once: calls to other objects are connections too. */
export const LANES_AT_ONCE = 6;

/** Larger than any hash that can be compared: `spread` takes buckets of up to 32 bits. */
const RANKS = 2 ** 32;

/**
 * The shard that watches a target: rendezvous hashing, so that one more shard takes targets from the others and moves
 * none between them.
 */
export function shardOf(target: string, shards: number): number {
  let best = 0;
  let bestRank = -1;
  for (let shard = 0; shard < shards; shard++) {
    const rank = spread(`${fnv1a(target)}\n${shard}\n${target}`, RANKS);
    if (rank > bestRank) {
      best = shard;
      bestRank = rank;
    }
  }
  return best;
}

/** The lane of each vantage that runs a target's tasks, whatever else is due. */
export const laneOf = (target: string, lanes: number): number => fnv1a(target) % lanes;

/** How long after its start the runs of a slot and their confirmations may take, ms; the rest is for the commit. */
export const slotRoomMs = (gridMs: number): number => (gridMs * 11) / 12;
