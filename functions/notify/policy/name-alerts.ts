import { severityOf } from "../../model/alerting/alert.ts";
import { alertKey, type KnownAlert } from "../../model/alerting/alerter-state.ts";
import type { GroupCase } from "./group-case.ts";

/** So many alerts are shown in a message, and so many where a relay sorts them itself. */
export const MAX_NAMED = 50;
export const MAX_NAMED_RELAY = 500;
/** Characters that the shown alerts may take together; a message must fit into one row of storage. */
const MAX_CHARACTERS = 400_000;

/** Which alerts of a thread are shown, in this order, and which ends wait for the next message since they do not fit. */
export interface Naming {
  named: readonly string[];
  deferred: ReadonlySet<string>;
}

/**
 * Picks the alerts that a message shows: what is new and critical first, what nobody needs to hear again last. An end
 * is told by name wherever the beginning was: the other side may keep an account of each alert.
 */
export function nameAlerts({ fresh, still, ended, repeatedResolves, refresh }: GroupCase): Naming {
  const isCritical = (alert: KnownAlert): boolean => severityOf(alert.labels) === "critical";
  const begun = fresh.map(({ alert }) => alert);
  const pending = ended.filter(({ entry }) => entry.named).map(({ alert }) => alert);
  const known = still.toSorted((a, b) => Number(b.entry.named) - Number(a.entry.named)).map(({ alert }) => alert);
  const order = [
    ...begun.filter(isCritical),
    ...pending,
    ...begun.filter((alert) => !isCritical(alert)),
    ...known,
    ...repeatedResolves.map(({ alert }) => alert),
    ...ended.filter(({ entry }) => !entry.named).map(({ alert }) => alert),
  ];
  const most = refresh === undefined ? MAX_NAMED : MAX_NAMED_RELAY;
  const named: string[] = [];
  let characters = 0;
  for (const alert of order) {
    characters += JSON.stringify(alert).length;
    // One that is larger than all may be goes alone: left out, it would be left out of every message.
    if (named.length === most || (named.length > 0 && characters > MAX_CHARACTERS)) break;
    named.push(alertKey(alert));
  }
  const shown = new Set(named);
  return { named, deferred: new Set(pending.map(alertKey).filter((key) => !shown.has(key))) };
}
