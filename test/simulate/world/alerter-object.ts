import { AlerterCore } from "../../../functions/alerter/alerter-core.ts";
import type { AlerterConfig } from "../../../functions/alerter/alerter-ports.ts";
import type { Config } from "../../../functions/model/config.ts";
import { shardOf } from "../../../functions/model/probing/placement.ts";
import type { WatchEvent } from "../../../functions/model/watch-event.ts";
import { findChannel } from "../../../functions/notify/channels/registry.ts";
import { failed } from "../../../functions/notify/delivery/judge-answer.ts";
import { DEFAULT_NOTIFY } from "../../../functions/notify/policy/default-notify.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import type { Life, ObjectParts, ObjectStorage } from "./durable-object.ts";
import type { Random } from "./random.ts";
import type { Receivers } from "./receivers.ts";

/** What the Alerter has from its world. */
export interface AlertedWorld {
  clock: Clock;
  random: Random;
  database: Database;
  receivers: Receivers;
  log: (event: WatchEvent) => void;
  newId: () => string;
}

/** Time of one try, as `functions/notify/delivery/deliver.ts` gives it. */
const DELIVERY_MS = 10_000;

/** Wires the Alerter as `functions/alerter/alerter-wiring.ts` does, with the real channels on simulated receivers. */
export function wireAlerter(
  world: AlertedWorld,
  deployed: Config,
  life: Life,
  storage: ObjectStorage,
): ObjectParts<AlerterCore> {
  const { clock, random, database, receivers, log } = world;
  const { now } = clock;
  const startDeadline = life.counted(clock.startDeadline);
  const core = new AlerterCore({
    storage,
    config: alerterConfigOf(deployed),
    deliver: (message, endpoint) =>
      life.hear(async () => {
        const channel = findChannel(endpoint.channel);
        if (channel === undefined) return failed("internal", `there is no channel ${endpoint.channel}`);
        using deadline = startDeadline(DELIVERY_MS);
        const { signal } = deadline;
        return await clock.outside((inside) =>
          channel.send(message, endpoint.options, {
            secret: (name) => name,
            binding: () => undefined,
            fetch: ((url: string, init: Parameters<Receivers["fetch"]>[1]) =>
              inside(() => receivers.fetch(url, init), signal)) as never,
            now,
            local: false,
            signal,
          }),
        );
      }),
    refreshOf: (channel) => findChannel(channel)?.refresh,
    beat: () => life.hear(() => receivers.beat()),
    record: (notes) => life.hear(() => database.record(notes)),
    now,
    random: () => random.next(),
    newId: world.newId,
    startDeadline,
    log: (event) => life.isAlive && log(event),
  });
  return { core, alarm: () => core.wake() };
}

function alerterConfigOf(config: Config): AlerterConfig {
  const { policy, receivers, staleAfterMs, heartbeats } = config.notify ?? DEFAULT_NOTIFY;
  const targets = new Set(config.targets.map(({ name }) => name));
  return {
    hash: config.hash,
    shards: config.shards,
    policy,
    receivers,
    targets: config.targets,
    externalUrl: config.externalUrl ?? "",
    staleAfterMs,
    heartbeats: heartbeats.map(({ name }) => name),
    ownerOf: ({ target }, shard) => {
      if (target === undefined) return shard < config.shards ? shard : undefined;
      return targets.has(target) ? shardOf(target, config.shards) : undefined;
    },
  };
}
