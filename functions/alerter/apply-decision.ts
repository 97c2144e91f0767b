import { getOrInsert } from "../lib/get-or-insert.ts";
import {
  type EndpointState,
  notificationGroupKey,
  notificationLogKey,
  type OutboxRow,
} from "../model/alerting/alerter-state.ts";
import type { DeliveryReason } from "../model/alerting/delivery.ts";
import type { NotificationNote } from "../model/alerting/incident.ts";
import { countAlerts } from "../model/alerting/message.ts";
import type { Endpoint } from "../model/alerting/receiver.ts";
import type { Outcome } from "../notify/delivery/retry.ts";
import type { Decision } from "../notify/policy/decide.ts";
import type { Send } from "../notify/policy/stages/send.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import type { AlerterPorts } from "./alerter-ports.ts";
import { countHolds, endAcknowledgements } from "./apply-holds.ts";
import { composeFor } from "./compose-for.ts";

const MAX_DEAD_NAMES = 10;

/** Applies a decision to the state: messages to the outbox, entries to the notification log. Changes memory only. */
export function applyDecision(head: AlerterHead, decision: Decision, ports: AlerterPorts, now: number): void {
  for (const row of decision.withdrawn) withdraw(head, row, ports, now);
  for (const row of decision.blocking) head.outbox.set(row.message.id, { ...row, blocks: true });
  endAcknowledgements(head, decision);
  const receiversOf = receiversByAlert(head, decision.sends);
  for (const send of decision.sends) enqueue(head, send, receiversOf, ports, now);
  for (const { endpointKey, alertKey } of decision.clearedSilently)
    head.notificationLog.delete(notificationLogKey(endpointKey, alertKey));
  countHolds(head, decision, now);
}

/** Who has been or is being told of each alert, where there is something to send. */
function receiversByAlert(head: AlerterHead, sends: readonly Send[]): ReadonlyMap<string, ReadonlySet<string>> {
  const receivers = new Map<string, Set<string>>();
  if (sends.length === 0) return receivers;
  const add = (key: string, receiver: string | undefined): void => {
    if (receiver !== undefined) getOrInsert(receivers, key, () => new Set<string>()).add(receiver);
  };
  for (const { alertKey, endpointKey } of head.notificationLog.all.values())
    add(alertKey, head.endpoints.get(endpointKey)?.receiver);
  for (const { fresh, to } of sends) for (const key of fresh) add(key, to.receiver);
  return receivers;
}

function enqueue(
  head: AlerterHead,
  send: Send,
  receiversOf: ReadonlyMap<string, ReadonlySet<string>>,
  ports: AlerterPorts,
  now: number,
): void {
  const { endpointKey, groupKey, groupLabels, shared } = send;
  const notificationGroup = notificationGroupKey(endpointKey, groupKey);
  const before = head.notificationGroups.get(notificationGroup);
  const openedAt = send.opens ? now : (before?.openedAt ?? now);
  const message = composeFor(head, send, { openedAt, receiversOf, now }, ports);
  const firing = [...send.fresh, ...send.still];
  head.outbox.set(message.id, {
    message,
    endpointKey,
    firing,
    ended: send.ended,
    acknowledged: firing.filter((key) => head.acknowledgements.get(key) !== undefined),
    critical: send.critical,
    urgent: send.urgent,
    createdAt: now,
    tries: 0,
    uncertain: 0,
    trying: false,
  });
  const known = head.endpoints.get(endpointKey);
  // What messages look like is what the configuration says now.
  if (known === undefined || known.index !== send.to.index || !isSame(known.endpoint, send.to.endpoint))
    head.endpoints.set(endpointKey, { failures: 0, retryAt: 0, ...known, ...send.to });
  head.notificationGroups.set(notificationGroup, {
    ...before,
    endpointKey,
    groupKey,
    groupLabels,
    ...(shared === undefined ? {} : { shared }),
    openedAt,
    sentAt: now,
  });
  const named = new Set(send.named);
  for (const key of send.fresh) {
    const entry = { endpointKey, alertKey: key, groupKey, named: named.has(key) };
    const nothingYet = { known: false, confirmed: false, acknowledged: false, resolvedSent: false };
    head.notificationLog.set(notificationLogKey(endpointKey, key), { ...entry, ...nothingYet });
    const alert = head.alerts.get(key);
    if (alert !== undefined && alert.notifiedAt === undefined) head.putAlert({ ...alert, notifiedAt: now });
  }
  for (const key of send.still) {
    const entry = head.notificationLog.get(notificationLogKey(endpointKey, key));
    if (entry !== undefined && !entry.named && named.has(key))
      head.notificationLog.set(notificationLogKey(endpointKey, key), { ...entry, named: true });
  }
}

const isSame = (a: Endpoint, b: Endpoint): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Withdraws a message. If no attempt can have arrived, its notification log entries are undone. */
function withdraw(head: AlerterHead, row: OutboxRow, ports: Pick<AlerterPorts, "log">, now: number): void {
  const { message, endpointKey, firing, tries } = row;
  const endpoint = head.endpoints.get(endpointKey);
  head.outbox.delete(message.id);
  if (row.uncertain > 0 && endpoint !== undefined) note(head, row, endpoint, "uncertain", now);
  for (const key of firing)
    if (head.notificationLog.get(notificationLogKey(endpointKey, key))?.known === false)
      head.notificationLog.delete(notificationLogKey(endpointKey, key));
  const { id, receiver, reason, status } = message;
  ports.log({
    event: "notification",
    id,
    receiver,
    channel: endpoint?.endpoint.channel ?? "",
    reason,
    status,
    ...countAlerts(message),
    outcome: row.uncertain > 0 ? "uncertain" : "withdrawn",
    tries,
    why: "withdrawn: its alerts resolved or are muted, or a newer message replaces it",
  });
}

/** Records that an attempt of a message may have arrived, or (`confirmed`) has arrived. Changes memory only. */
export function markKnown(head: AlerterHead, { endpointKey, firing }: OutboxRow, confirmed: boolean): void {
  for (const key of firing) {
    const entry = head.notificationLog.get(notificationLogKey(endpointKey, key));
    if (entry === undefined || (entry.known && (entry.confirmed || !confirmed))) continue;
    head.notificationLog.set(notificationLogKey(endpointKey, key), {
      ...entry,
      known: true,
      confirmed: entry.confirmed || confirmed,
    });
  }
}

/** Applies the result of an attempt to the state. Changes memory only. */
export function applyOutcome(
  head: AlerterHead,
  row: OutboxRow,
  endpoint: EndpointState,
  outcome: Outcome,
  ports: Pick<AlerterPorts, "refreshOf">,
  now: number,
): void {
  const { message, endpointKey } = row;
  if (row.uncertain > 0 || outcome.kind === "arrived") markKnown(head, row, outcome.kind === "arrived");
  if (outcome.kind === "again") {
    head.outbox.set(message.id, row);
    return;
  }
  head.outbox.delete(message.id);
  const key = notificationGroupKey(endpointKey, message.groupKey);
  const {
    failedAt: _,
    failedId,
    ...notificationGroup
  } = head.notificationGroups.get(key) ?? {
    endpointKey,
    groupKey: message.groupKey,
    groupLabels: message.groupLabels,
    openedAt: message.openedAt,
    sentAt: now,
  };
  if (outcome.kind === "dead") {
    const id = deadLetter(head, row, endpoint.endpoint.channel, outcome, now, failedId);
    note(head, row, endpoint, "dead", now, id === message.id);
    head.notificationGroups.set(key, { ...notificationGroup, failedAt: now, failedId: id });
    return;
  }
  note(head, row, endpoint, "delivered", now);
  head.notificationGroups.set(key, notificationGroup);
  for (const alert of row.acknowledged) {
    const entry = head.notificationLog.get(notificationLogKey(endpointKey, alert));
    if (entry !== undefined && !entry.acknowledged)
      head.notificationLog.set(notificationLogKey(endpointKey, alert), { ...entry, acknowledged: true });
  }
  const forgets = ports.refreshOf(endpoint.endpoint.channel) !== undefined;
  for (const alert of row.ended) {
    const entry = head.notificationLog.get(notificationLogKey(endpointKey, alert));
    if (entry === undefined) continue;
    if (!forgets) head.notificationLog.delete(notificationLogKey(endpointKey, alert));
    else if (!entry.resolvedSent)
      head.notificationLog.set(notificationLogKey(endpointKey, alert), { ...entry, resolvedSent: true });
  }
}

/**
 * Stores a dead letter for a message that is given up, and returns its id. `failedId`: the dead letter of the group's
 * previous message. If that was given up for the same reason, one dead letter covers both.
 */
export function deadLetter(
  head: AlerterHead,
  row: OutboxRow,
  channel: string,
  dead: { reason: DeliveryReason; why: string },
  at: number,
  failedId?: string,
): string {
  const { critical } = row;
  const { receiver, groupKey, status, reason, alerts, truncated } = row.message;
  const before = failedId === undefined ? undefined : head.dead.get(failedId);
  const isSame = before?.status === status && before.failure === dead.reason && before.critical === critical;
  const { id, createdAt, tries } = isSame ? before : { id: row.message.id, createdAt: row.createdAt, tries: 0 };
  const names = new Set(alerts.map(({ labels }) => [labels["alertname"], labels["target"]].filter(Boolean).join(" ")));
  head.dead.set(id, {
    id,
    receiver,
    channel,
    groupKey,
    status,
    reason,
    critical,
    alerts: alerts.length + truncated,
    names: [...names].slice(0, MAX_DEAD_NAMES),
    createdAt,
    at,
    tries: tries + row.tries,
    failure: dead.reason,
    why: dead.why,
  });
  return id;
}

/** Counts the outcome of a message, and adds it to history unless it only repeats an earlier one (`isNews`). */
function note(
  head: AlerterHead,
  row: OutboxRow,
  endpoint: EndpointState,
  became: NotificationNote["outcome"],
  at: number,
  isNews = true,
): void {
  const { id, receiver, reason, status, groupKey, alerts, truncated } = row.message;
  const { channel } = endpoint.endpoint;
  const count = { family: "zako_watch_notifications_total", labels: { receiver, channel, outcome: became }, value: 1 };
  head.count([count], at);
  if (!isNews) return;
  const fields = { id, at, receiver, channel, reason, status, groupKey, outcome: became, tries: row.tries } as const;
  head.notes.set(id, { kind: "notification", note: { ...fields, alerts: alerts.length + truncated } });
}
