import type { KnownAlert, NotificationLogEntry, OutboxRow } from "../../model/alerting/alerter-state.ts";
import { endedAcknowledgements } from "./acknowledgements.ts";
import { contextOf } from "./decide-context.ts";
import type { DecideInput } from "./decide-input.ts";
import { Flow, suppressionsOf } from "./flow.ts";
import type { DecideContext } from "./stage.ts";
import { deduplicate } from "./stages/deduplicate.ts";
import { escalate } from "./stages/escalate.ts";
import { failover } from "./stages/failover.ts";
import { fold } from "./stages/fold.ts";
import { gather } from "./stages/gather.ts";
import { group } from "./stages/group.ts";
import { inhibit } from "./stages/inhibit.ts";
import { maintain } from "./stages/maintain.ts";
import { mute } from "./stages/mute.ts";
import { reach } from "./stages/reach.ts";
import { route } from "./stages/route.ts";
import { type Send, send } from "./stages/send.ts";
import { silence } from "./stages/silence.ts";
import { time } from "./stages/time.ts";
import { wait } from "./stages/wait.ts";
import type { Suppression } from "./suppression.ts";

/** Who is notified of what now, and why not the others. */
export interface Decision {
  sends: readonly Send[];
  /** What ends without a word: the endpoint wants no ends, or nothing can have reached it. */
  clearedSilently: readonly NotificationLogEntry[];
  /** Messages on their way that must not be tried again: they are no longer true or wanted, or are replaced. */
  withdrawn: readonly OutboxRow[];
  /** Messages on their way that have begun to hold back a critical one of their group: they must not wait for long. */
  blocking: readonly OutboxRow[];
  /** Alerts whose acknowledgement a newer critical alert of their target has ended, by `alertKey`. */
  unacknowledged: readonly string[];
  /** Alerts whose escalation or reminder waits since they may be about to end, by `alertKey`. */
  recovering: ReadonlySet<string>;
  /** By alert. */
  suppressed: ReadonlyMap<string, readonly Suppression[]>;
  /** When to decide again if nothing happens until then, epoch ms; Infinity: never. */
  nextAt: number;
}

/**
 * Decides who is notified of what: the stages below, one after the other. What was decided must be stored before it is
 * asked again: a group with a message in the outbox is left alone until that has arrived, is given up, or says what is no
 * longer so.
 */
export function decide(input: DecideInput): Decision {
  const context = contextOf(input);
  const routed = new Flow(firingOf(input), context).through(route).through(maintain);
  const unmuted = routed.through(silence).through(inhibit).through(mute).through(reach);
  const unacknowledged = endedAcknowledgements(unmuted.items, input.alerts, input.acknowledgements);
  const notices = unmuted.under(without(unacknowledged, context)).through(escalate).through(failover);
  const drafts = notices.through(group).through(gather).through(deduplicate).through(time);
  const { items: sends, results } = drafts.through(fold).through(wait).through(send);
  const { suppressed, nextAt } = suppressionsOf(notices.results, results.slice(notices.results.length), notices.items);
  return {
    sends,
    clearedSilently: results.flatMap(({ clearedSilently = [] }) => clearedSilently),
    withdrawn: results.flatMap(({ withdrawn = [] }) => withdrawn),
    blocking: results.flatMap(({ blocking = [] }) => blocking),
    unacknowledged,
    recovering: new Set([
      ...drafts.items.flatMap(({ due }) => due?.recovering ?? []),
      ...notices.results.flatMap(({ suppressed }) =>
        suppressed.flatMap((one) => (one.isRecovering ? one.alertKey : [])),
      ),
    ]),
    suppressed,
    nextAt,
  };
}

const firingOf = ({ alerts }: DecideInput): readonly KnownAlert[] =>
  [...alerts.values()].filter(({ resolvedAt }) => resolvedAt === undefined);

function without(unacknowledged: readonly string[], context: DecideContext): DecideContext {
  if (unacknowledged.length === 0) return context;
  const acknowledgements = new Map(context.acknowledgements);
  for (const key of unacknowledged) acknowledgements.delete(key);
  return { ...context, acknowledgements };
}
