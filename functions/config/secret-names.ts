import type { Config } from "../model/config.ts";
import { accessesOf } from "../model/origin-access.ts";
import { findChannel } from "../notify/channels/registry.ts";

/** Names of all bindings that a configuration needs beside the Worker's own, sorted. */
export function secretNames(config: Pick<Config, "targets" | "notify">): string[] {
  const names = [
    ...config.targets.flatMap((target) =>
      accessesOf(target).flatMap(({ headers }) => headers.map(({ secret }) => secret)),
    ),
    ...(config.notify?.receivers ?? []).flatMap(({ endpoints }) =>
      endpoints.flatMap(({ channel, options }) => findChannel(channel)?.bindings(options) ?? []),
    ),
    ...(config.notify?.heartbeats ?? []).map(({ secret }) => secret),
  ];
  return [...new Set(names)].sort();
}
