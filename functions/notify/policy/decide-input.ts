import type {
  Acknowledgement,
  EndpointState,
  KnownAlert,
  NotificationGroup,
  NotificationLogEntry,
  OutboxRow,
} from "../../model/alerting/alerter-state.ts";
import type { Receiver } from "../../model/alerting/receiver.ts";
import type { NotifyPolicy } from "../../model/alerting/route.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import type { Target } from "../../model/probing/target.ts";

/**
 * How a channel is told whose other side forgets: of all that fires every `everyMs`, and of what has ended for
 * `resolvedForMs` more.
 */
export interface Refresh {
  everyMs: number;
  resolvedForMs: number;
}

/** Everything that a decision depends on. */
export interface DecideInput {
  policy: NotifyPolicy;
  receivers: readonly Receiver[];
  /** All that is watched, to tell when everything that a receiver hears of is down; absent: never. */
  targets?: readonly Pick<Target, "name" | "labels">[];
  /** By the name of a channel. */
  refreshOf: (channel: string) => Refresh | undefined;
  /** By `alertKey`; ended ones stay until all who were told of them are told of the end. */
  alerts: ReadonlyMap<string, KnownAlert>;
  /** By `alertKey`. */
  acknowledgements: ReadonlyMap<string, Acknowledgement>;
  silences: readonly Silence[];
  /** By `endpointKeyOf`. */
  endpoints: ReadonlyMap<string, EndpointState>;
  /** By `threadKey`. */
  notificationGroups: ReadonlyMap<string, NotificationGroup>;
  notificationLog: readonly NotificationLogEntry[];
  outbox: readonly OutboxRow[];
  /** Epoch ms. */
  now: number;
}
