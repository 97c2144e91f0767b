import { fnv1a } from "../lib/fnv1a.ts";
import { spread } from "../lib/spread.ts";
import type { Config } from "../model/config.ts";

/** The name of a shard's Monitor. */
export const monitorName = (shard: number): string => `monitor:${shard}`;

/** The shard of a Monitor's name; 0 for names that are none of ours. */
export function shardOfName(name: string | undefined): number {
  const shard = Number(/^monitor:(\d+)$/.exec(name ?? "")?.[1] ?? 0);
  return Number.isSafeInteger(shard) ? shard : 0;
}

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

/** The part of a config that one shard watches; nothing for a shard that the config does not have any more. */
export const configOfShard = (config: Config, shard: number): Config => ({
  ...config,
  targets: shard < config.shards ? config.targets.filter((t) => shardOf(t.name, config.shards) === shard) : [],
});
