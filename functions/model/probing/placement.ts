import { fnv1a } from "../../lib/fnv1a.ts";
import { spread } from "../../lib/spread.ts";
import type { Vantage } from "./vantage.ts";

/** Connections that one object may have open at once on the platform, and so the runs that it makes at once. */
export const CONNECTIONS = 6;
/** RegionProbers that a Monitor calls at once: calls to other objects count as connections too. */
export const LANES_AT_ONCE = 6;

/** Larger than any hash that can be compared: `spread` takes buckets of up to 32 bits. */
const RANKS = 2 ** 32;

/**
 * The shard that watches a target, by rendezvous hashing: an added shard takes targets from the others and moves none
 * between them.
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

/** The lane that runs a target's tasks in each vantage, whatever else is due. */
export const laneOf = (target: string, lanes: number): number => fnv1a(target) % lanes;

/** One RegionProber. */
export interface ProberName {
  vantage: Vantage;
  shard: number;
  lane: number;
  /** From 1. An object never moves, so one in the wrong place is replaced by one with another name. */
  generation: number;
}

/** The name of a RegionProber's object. No two shards share one, because lanes are sized for one shard's runs. */
export const proberName = ({ vantage, shard, lane, generation }: ProberName): string =>
  `${vantage}:s${shard}:l${lane}:g${generation}`;

/** How long after its start the runs of a slot and their confirmations may take, ms; the rest is for the commit. */
export const slotRoomMs = (gridMs: number): number => (gridMs * 11) / 12;
