import type { AlertLabels } from "../../model/alerting/alert.ts";
import type { NotificationLogEntry, OutboxRow } from "../../model/alerting/alerter-state.ts";
import type { NotifyReason } from "../../model/alerting/message.ts";
import type { RecipientEndpoint } from "./recipients.ts";
import type { Suppression } from "./route-recipients.ts";

/** A message to be sent, by the keys of its alerts. */
export interface Send {
  endpointKey: string;
  to: RecipientEndpoint;
  groupKey: string;
  groupLabels: AlertLabels;
  reason: NotifyReason;
  /** Firing, and the endpoint has not been told. */
  fresh: readonly string[];
  /** Firing, and it knows. */
  still: readonly string[];
  /** Over; those that did not fit into the message are left for the next one. */
  ended: readonly string[];
  /** Those of all of these that are shown; the others are counted only. */
  named: readonly string[];
  critical: boolean;
  /** Critical, for the only endpoint of one of its alerts, or for one that forgets: a long wait would lose it. */
  urgent: boolean;
}

/** Who is told what now, and why not for the others. */
export interface Decision {
  sends: readonly Send[];
  /** What ends without a word: the endpoint wants no ends, or nothing can have reached it. */
  clearedSilently: readonly NotificationLogEntry[];
  /** Messages on their way that must not be tried again: they are no longer true or wanted, or are replaced. */
  withdrawn: readonly OutboxRow[];
  /** By alert. */
  suppressed: ReadonlyMap<string, readonly Suppression[]>;
  /** When to decide again if nothing happens until then, epoch ms; Infinity: never. */
  nextAt: number;
}
