import type { StartDeadline } from "../lib/deadline.ts";
import type { AlertLabels } from "../model/alerting/alert.ts";
import type { Delivery } from "../model/alerting/delivery.ts";
import type { Maintenance } from "../model/alerting/maintenance.ts";
import type { Message } from "../model/alerting/message.ts";
import type { Endpoint, Receiver } from "../model/alerting/receiver.ts";
import type { NotifyPolicy } from "../model/alerting/route.ts";
import type { Target } from "../model/probing/target.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { Refresh } from "../notify/policy/decide-input.ts";
import type { HistoryNote } from "../store/alerter/alerter-shapes.ts";
import type { HeadStorage } from "../store/head.ts";

/** The part of the configuration that the Alerter uses. */
export interface AlerterConfig {
  /** Hash of the whole configuration. */
  hash: string;
  shards: number;
  policy: NotifyPolicy;
  receivers: readonly Receiver[];
  /** All that is watched; absent: what all targets of a receiver share is never seen. */
  targets?: readonly Pick<Target, "name" | "labels">[];
  /** Planned work; absent: none. */
  maintenance?: readonly Maintenance[];
  /** Origin of this installation, for links; no trailing slash. */
  externalUrl: string;
  /** A shard is stale after this time without a report, ms. */
  staleAfterMs: number;
  /** Names of the outbound heartbeats. */
  heartbeats: readonly string[];
  /** Which shard owns an alert; undefined if its target or rule is gone. */
  ownerOf: (labels: AlertLabels, shard: number) => number | undefined;
}

/** Everything that the Alerter needs from outside. */
export interface AlerterPorts {
  storage: HeadStorage & { setAlarm(at: number): void };
  config: AlerterConfig;
  /** Makes one delivery attempt. It is given up when `signal` aborts. */
  deliver: (message: Message, endpoint: Endpoint, signal: AbortSignal) => Promise<Delivery>;
  refreshOf: (channel: string) => Refresh | undefined;
  /** Sends one heartbeat; returns whether it was accepted. */
  beat: (name: string, signal: AbortSignal) => Promise<boolean>;
  /** Writes notes to history; returns whether that succeeded. Notes may be written twice. */
  record: (notes: readonly HistoryNote[], signal: AbortSignal) => Promise<boolean>;
  /** Epoch ms. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  newId: () => string;
  startDeadline: StartDeadline;
  log: (event: WatchEvent) => void;
}
