import { DAY_MS } from "../lib/time-units.ts";
import { alertKey, endedAt, endpointKeyOf, notificationGroupKey } from "../model/alerting/alerter-state.ts";
import { longestLinger } from "../notify/policy/inhibit.ts";
import { silenceEnd } from "../notify/policy/windows/silence-state.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import type { HistoryNote } from "../store/alerter/alerter-shapes.ts";
import type { AlerterConfig } from "./alerter-ports.ts";

/** As long as Alertmanager keeps them. */
const SILENCE_MS = 5 * DAY_MS;
const DEAD_LETTER_MS = 7 * DAY_MS;
const MAX_DEAD_LETTERS = 500;
const INCIDENT_MS = 30 * DAY_MS;
const MAX_INCIDENTS = 1000;
const MAX_NOTES = 5000;

/** Drops entries that nothing refers to. */
export function prune(
  head: AlerterHead,
  { receivers, policy }: Pick<AlerterConfig, "receivers" | "policy">,
  now: number,
): void {
  const lingerMs = longestLinger(policy.inhibitions);
  const notificationLog = new Set<string>();
  const notificationGroups = new Set<string>();
  const endpoints = new Set(
    receivers.flatMap(({ name, endpoints: all }) => all.map((one) => endpointKeyOf(name, one))),
  );
  for (const entry of head.notificationLog.all.values()) {
    notificationLog.add(entry.alertKey);
    notificationGroups.add(notificationGroupKey(entry.endpointKey, entry.groupKey));
    endpoints.add(entry.endpointKey);
  }
  for (const { endpointKey, message, firing, ended } of head.outbox.all.values()) {
    for (const key of [...firing, ...ended]) notificationLog.add(key);
    notificationGroups.add(notificationGroupKey(endpointKey, message.groupKey));
    endpoints.add(endpointKey);
  }
  for (const alert of [...head.alerts.all.values()])
    if (now >= (endedAt(alert) ?? Number.POSITIVE_INFINITY) + lingerMs && !notificationLog.has(alertKey(alert)))
      head.dropAlert(alert);
  for (const key of [...head.notificationGroups.all.keys()])
    if (!notificationGroups.has(key)) head.notificationGroups.delete(key);
  for (const key of [...head.endpoints.all.keys()]) if (!endpoints.has(key)) head.endpoints.delete(key);
  for (const [key, silence] of [...head.silences.all])
    if (now >= silenceEnd(silence) + (silence.maintenance ? INCIDENT_MS : SILENCE_MS)) head.silences.delete(key);
  dropOldest(head.dead, ({ at }) => at, { before: now - DEAD_LETTER_MS, most: MAX_DEAD_LETTERS });
  const ends = { before: now - INCIDENT_MS, most: MAX_INCIDENTS };
  dropOldest(head.incidents, ({ closedAt }) => closedAt ?? Number.POSITIVE_INFINITY, ends);
  const at = (note: HistoryNote): number => (note.kind === "incident" ? note.incident.openedAt : note.note.at);
  dropOldest(head.notes, at, { before: 0, most: MAX_NOTES });
}

function dropOldest<Value>(
  table: { all: ReadonlyMap<string, Value>; delete(key: string): void },
  at: (value: Value) => number,
  keep: { before: number; most: number },
): void {
  const byAge = [...table.all].map(([key, value]) => ({ key, at: at(value) })).sort((a, b) => b.at - a.at);
  byAge.forEach((one, i) => {
    if (one.at < keep.before || i >= keep.most) table.delete(one.key);
  });
}
