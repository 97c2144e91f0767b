import type { Config } from "../../model/config.ts";
import { shardOf } from "../../model/probing/placement.ts";

/** The name of a shard's Monitor. */
export const monitorName = (shard: number): string => `monitor:${shard}`;

/** The shard of a Monitor's name; 0 for names that are none of ours. */
export function shardOfName(name: string | undefined): number {
  const shard = Number(/^monitor:(\d+)$/.exec(name ?? "")?.[1] ?? 0);
  return Number.isSafeInteger(shard) ? shard : 0;
}

/** The part of a config that one shard watches; nothing for a shard that the config does not have any more. */
export const configOfShard = (config: Config, shard: number): Config => ({
  ...config,
  targets: shard < config.shards ? config.targets.filter((t) => shardOf(t.name, config.shards) === shard) : [],
});
