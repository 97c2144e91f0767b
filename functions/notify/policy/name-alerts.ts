import { severityOf } from "../../model/alerting/alert.ts";
import { alertKey, type KnownAlert } from "../../model/alerting/alerter-state.ts";
import type { GroupCase } from "./group-case.ts";

/** So many alerts are shown in a message, and so many where a relay sorts them itself, or where all that was shown ends. */
const MAX_NAMED = 50;
const MAX_NAMED_RELAY = 500;
/** Characters that the shown alerts may take together; a message must fit into one row of storage. */
const MAX_CHARACTERS = 400_000;

/** The alerts that a message shows, in this order, and the resolves that do not fit and wait for the next message. */
export interface Naming {
  named: readonly string[];
  deferred: ReadonlySet<string>;
}

/**
 * Picks the alerts that a message shows: new and critical ones first, repeated ones last. A resolve is shown by name
 * wherever the firing was: the receiver may track each alert.
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
  // Several messages have named what is over by now; one message ends it.
  const isOver = fresh.length + still.length === 0;
  const most = refresh === undefined && !(isOver && pending.length > MAX_NAMED) ? MAX_NAMED : MAX_NAMED_RELAY;
  const named: string[] = [];
  let characters = 0;
  for (const alert of order) {
    characters += JSON.stringify(alert).length;
    // An alert that is larger than the limit goes alone: otherwise every message would leave it out.
    if (named.length === most || (named.length > 0 && characters > MAX_CHARACTERS)) break;
    named.push(alertKey(alert));
  }
  const shown = new Set(named);
  return { named, deferred: new Set(pending.map(alertKey).filter((key) => !shown.has(key))) };
}
