import type {
  Acknowledgement,
  EndpointState,
  KnownAlert,
  NotificationGroup,
  NotificationLogEntry,
  OutboxRow,
} from "../../model/alerting/alerter-state.ts";
import type { Maintenance } from "../../model/alerting/maintenance.ts";
import type { Receiver } from "../../model/alerting/receiver.ts";
import type { NotifyPolicy } from "../../model/alerting/route.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import type { Target } from "../../model/probing/target.ts";

/**
 * For channels that forget alerts, such as Alertmanager: firing alerts are sent again every `everyMs`, resolved ones for
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
  /** Planned work; absent: none. */
  maintenance?: readonly Maintenance[];
  /** By the name of a channel. */
  refreshOf: (channel: string) => Refresh | undefined;
  /** By `alertKey`; resolved ones stay until every notified endpoint has the resolve. */
  alerts: ReadonlyMap<string, KnownAlert>;
  /** By `alertKey`. */
  acknowledgements: ReadonlyMap<string, Acknowledgement>;
  silences: readonly Silence[];
  /** By `endpointKeyOf`. */
  endpoints: ReadonlyMap<string, EndpointState>;
  /** By `notificationGroupKey`. */
  notificationGroups: ReadonlyMap<string, NotificationGroup>;
  notificationLog: readonly NotificationLogEntry[];
  outbox: readonly OutboxRow[];
  /** Epoch ms. */
  now: number;
}
