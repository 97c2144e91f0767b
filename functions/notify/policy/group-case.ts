import type {
  KnownAlert,
  NotificationGroup,
  NotificationLogEntry,
  OutboxRow,
} from "../../model/alerting/alerter-state.ts";
import type { NotifyReason } from "../../model/alerting/message.ts";
import type { IsSole } from "./audience.ts";
import type { Refresh } from "./decide-input.ts";
import type { Group } from "./group.ts";
import type { Recipient, RecipientEndpoint } from "./stage.ts";

/**
 * An alert that the endpoint was told of.
 *
 * @internal For tests of which alerts a message names.
 */
export interface NotifiedAlert {
  alert: KnownAlert;
  entry: NotificationLogEntry;
}

/** One group of one endpoint: what it knows and what it should know. */
export interface GroupCase {
  notificationGroup: NotificationGroup | undefined;
  /** Firing, and it has not been told. */
  fresh: readonly Recipient[];
  /** Firing, and it has been told; `recipient` while it should still be reminded. */
  still: readonly (NotifiedAlert & { recipient: Recipient | undefined; isAcknowledged: boolean })[];
  /** Over, and it has not been told of the end. */
  ended: readonly NotifiedAlert[];
  /** Over, and it has been told, but forgets. */
  repeatedResolves: readonly NotifiedAlert[];
  /** Present where the other side forgets; such a relay groups and waits by itself, so nothing waits here. */
  refresh: Refresh | undefined;
  isSole: IsSole;
}

/** A group of one endpoint with all that its message depends on. */
export interface Draft extends GroupCase {
  to: RecipientEndpoint;
  group: Group;
  /** A message of the group is on its way, so that the next one waits. */
  isBusy: boolean;
  /** A message on its way that is no longer true: the next one replaces it. */
  outdated: OutboxRow | undefined;
  /** Messages on their way to the endpoint. */
  queued: number;
}

/** When to send, epoch ms, and with which reason. */
export interface Due {
  at: number;
  reason: NotifyReason;
  /** Keys of the alerts whose reminder waits since they may be about to end. */
  recovering?: readonly string[];
}

/** A group that has something to say. `due` is absent where nothing is due: others may be told with it. */
export interface DueDraft extends Draft {
  due: Due | undefined;
}
