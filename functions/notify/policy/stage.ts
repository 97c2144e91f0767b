import type {
  Acknowledgement,
  EndpointState,
  KnownAlert,
  NotificationLogEntry,
  OutboxRow,
} from "../../model/alerting/alerter-state.ts";
import type { EscalationStep, Route } from "../../model/alerting/route.ts";
import type { DecideInput } from "./decide-input.ts";
import type { GetsThrough } from "./gets-through.ts";
import type { Group } from "./group.ts";
import type { Ledger } from "./ledger.ts";
import type { Suppression } from "./suppression.ts";

/**
 * One step of deciding who is notified, as in Alertmanager's pipeline: what goes on, and what does not and why. Pure;
 * the time is in the context.
 */
export type Stage<In, Out = In> = (items: readonly In[], context: DecideContext) => Staged<Out>;

/** What a stage answers. */
export interface Staged<Out> {
  passed: readonly Out[];
  suppressed: readonly Suppressed[];
  /** When to decide again if nothing happens until then, beside the `until` of what is suppressed, epoch ms. */
  nextAt?: number;
  /** What ends without a word: the endpoint wants no ends, or nothing can have reached it. */
  clearedSilently?: readonly NotificationLogEntry[];
  /** Messages on their way that must not be tried again. */
  withdrawn?: readonly OutboxRow[];
  /** Messages on their way that something critical waits for. */
  blocking?: readonly OutboxRow[];
}

/** A receiver that a stage keeps from an alert. */
export interface Suppressed extends Suppression {
  alertKey: string;
  /** The alert may be about to end. */
  isRecovering?: true;
}

/** What stages work with: the input, and what is derived from it once. */
export interface DecideContext extends DecideInput {
  acknowledgements: ReadonlyMap<string, Acknowledgement>;
  /** Endpoints of each receiver of the configuration. */
  endpointsOf: ReadonlyMap<string, readonly RecipientEndpoint[]>;
  /** What each endpoint has been told, and what is on its way to it. */
  ledgers: ReadonlyMap<string, Ledger>;
  getsThrough: GetsThrough;
}

/** Where messages go. */
export interface RecipientEndpoint extends Pick<EndpointState, "receiver" | "index" | "endpoint"> {
  endpointKey: string;
}

/** That a receiver may be notified of a firing alert. */
export interface Notice {
  key: string;
  alert: KnownAlert;
  receiver: string;
  /** Whose grouping and timing it is notified with. */
  route: Route;
  /** `route`: the routing tree says so; `step`: an escalation step is due; `failover`: one before cannot be reached. */
  via: "route" | "step" | "failover";
  /** The routes whose windows mute it, where all of them do: its own, or for an escalation step all of the alert's. */
  routes: readonly Route[];
  /** The step, where it is one. */
  step?: EscalationStep;
}

/** That an endpoint may be notified of a firing alert, and in which group. */
export interface Recipient extends Pick<Notice, "key" | "alert" | "route" | "via"> {
  group: Group;
}

/** A recipient with its endpoint. */
export interface Addressed extends Recipient {
  to: RecipientEndpoint;
}

/** Splits items into those that go on and those that are suppressed; `why` answers undefined for the former. */
export function holdWhere<Item extends Notice>(
  items: readonly Item[],
  why: (item: Item) => Omit<Suppression, "receiver"> | undefined,
): Staged<Item> {
  const passed: Item[] = [];
  const suppressed: Suppressed[] = [];
  for (const item of items) {
    const reason = why(item);
    if (reason === undefined) passed.push(item);
    else suppressed.push({ alertKey: item.key, receiver: item.receiver, ...reason });
  }
  return { passed, suppressed };
}
