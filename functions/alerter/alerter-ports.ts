import type { StartDeadline } from "../lib/deadline.ts";
import type { AlertLabels } from "../model/alerting/alert.ts";
import type { Delivery } from "../model/alerting/delivery.ts";
import type { Message } from "../model/alerting/message.ts";
import type { Endpoint, Receiver } from "../model/alerting/receiver.ts";
import type { NotifyPolicy } from "../model/alerting/route.ts";
import type { Target } from "../model/probing/target.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { Refresh } from "../notify/policy/decide-input.ts";
import type { HistoryNote } from "../store/alerter/alerter-head.ts";
import type { HeadStorage } from "../store/head.ts";

/** The part of the configuration that the Alerter works by. */
export interface AlerterConfig {
  /** Hash of the whole configuration. */
  hash: string;
  shards: number;
  policy: NotifyPolicy;
  receivers: readonly Receiver[];
  /** All that is watched; absent: what all targets of a receiver share is never seen. */
  targets?: readonly Pick<Target, "name" | "labels">[];
  /** Origin of this installation, for links; no trailing slash. */
  externalUrl: string;
  /** A shard that has not been heard of for so long is stale, ms. */
  staleAfterMs: number;
  /** Names of the heartbeats that go out. */
  heartbeats: readonly string[];
  /** Which shard speaks for an alert; undefined where its target or rule is gone. */
  ownerOf: (labels: AlertLabels, shard: number) => number | undefined;
}

/** All that the Alerter needs from outside. */
export interface AlerterPorts {
  storage: HeadStorage & { setAlarm(at: number): void };
  config: AlerterConfig;
  /** Makes one try. Whatever it does, it is given up when `signal` aborts. */
  deliver: (message: Message, endpoint: Endpoint, signal: AbortSignal) => Promise<Delivery>;
  refreshOf: (channel: string) => Refresh | undefined;
  /** Sends one heartbeat; answers whether it was taken. */
  beat: (name: string, signal: AbortSignal) => Promise<boolean>;
  /** Puts notes into history; answers whether it took them. Notes may come twice. */
  record: (notes: readonly HistoryNote[], signal: AbortSignal) => Promise<boolean>;
  /** Epoch ms. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  newId: () => string;
  startDeadline: StartDeadline;
  log: (event: WatchEvent) => void;
}
