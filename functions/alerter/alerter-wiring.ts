import { type Deadline, startDeadline } from "../lib/deadline.ts";
import type { NotifyConfig } from "../model/alerting/notify-config.ts";
import type { Config } from "../model/config.ts";
import { shardOf } from "../model/probing/placement.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { ChannelDeps } from "../notify/channels/channel.ts";
import { findChannel } from "../notify/channels/registry.ts";
import { deliver } from "../notify/delivery/deliver.ts";
import { sendHeartbeat } from "../notify/delivery/heartbeat.ts";
import { DEFAULT_NOTIFY } from "../notify/policy/default-notify.ts";
import { writeNotes } from "../store/history/alert-history.ts";
import { AlerterCore } from "./alerter-core.ts";
import type { AlerterConfig, AlerterPorts } from "./alerter-ports.ts";

/** What the Alerter has from the platform; `alerter.ts` reads its bindings for it. */
export interface AlerterPlatform extends Pick<ChannelDeps, "secret" | "binding"> {
  storage: DurableObjectStorage;
  db: D1Database;
}

/** Makes the Alerter's core, under the `deployed` configuration. */
export const wireAlerter = (platform: AlerterPlatform, deployed: Config): AlerterCore =>
  new AlerterCore(alerterPorts(platform, deployed));

/** All that the core needs from outside. */
function alerterPorts(platform: AlerterPlatform, deployed: Config): AlerterPorts {
  const notify = deployed.notify ?? DEFAULT_NOTIFY;
  const channelDeps = channelDepsOf(platform, deployed);
  return {
    storage: platform.storage,
    config: alerterConfig(deployed, notify),
    deliver: (message, endpoint, signal) =>
      deliver(message, endpoint, {
        ...channelDeps,
        signal,
        report: (trace) => log({ event: "error", place: `channel ${endpoint.channel}`, error: trace }),
      }),
    refreshOf: (channel) => findChannel(channel)?.refresh,
    beat: async (name, signal) => {
      const heartbeat = notify.heartbeats.find((one) => one.name === name);
      return heartbeat !== undefined && (await sendHeartbeat(heartbeat.secret, { ...channelDeps, signal }));
    },
    record: async (notes) => (await writeNotes(platform.db, notes)).ok,
    now,
    random: () => Math.random(),
    newId: () => crypto.randomUUID(),
    startDeadline: start,
    log,
  };
}

const channelDepsOf = ({ secret, binding }: AlerterPlatform, { local }: Config): Omit<ChannelDeps, "signal"> => ({
  secret,
  binding,
  fetch: (input, init) => fetch(input, init),
  now,
  local,
});

/** The part of the configuration that the Alerter works by. */
function alerterConfig(config: Config, notify: NotifyConfig): AlerterConfig {
  const targets = new Set(config.targets.map(({ name }) => name));
  const { policy, receivers, staleAfterMs, heartbeats } = notify;
  return {
    hash: config.hash,
    shards: config.shards,
    policy,
    receivers,
    targets: config.targets,
    ...(config.maintenance === undefined ? {} : { maintenance: config.maintenance }),
    externalUrl: config.externalUrl ?? "",
    staleAfterMs,
    heartbeats: heartbeats.map(({ name }) => name),
    ownerOf: ({ target }, shard) => {
      if (target === undefined) return shard < config.shards ? shard : undefined;
      return targets.has(target) ? shardOf(target, config.shards) : undefined;
    },
  };
}

const now = (): number => Date.now();
const start = (timeoutMs: number): Deadline & Disposable => startDeadline(timeoutMs, now());
const log = (event: WatchEvent): void => console.log(JSON.stringify(event));
