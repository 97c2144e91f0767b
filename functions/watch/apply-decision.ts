import { type KnownEndpoint, type OutboxRow, threadKey, toldKey } from "../model/alert-book.ts";
import type { DeliveryReason } from "../model/delivery.ts";
import { composeMessage } from "../notify/compose.ts";
import type { Decision, Send } from "../notify/decide.ts";
import type { Outcome } from "../notify/retry.ts";
import type { AlerterHead } from "../store/alerter-head.ts";
import type { AlerterPorts } from "./alerter-ports.ts";

const MAX_DEAD_NAMES = 10;

/** Puts what was decided into the state: messages into the outbox, and who will have been told what. Memory only. */
export function applyDecision(head: AlerterHead, decision: Decision, ports: AlerterPorts, now: number): void {
  for (const send of decision.sends) enqueue(head, send, ports, now);
  for (const { endpointKey, alertKey } of decision.quiet) head.told.delete(toldKey(endpointKey, alertKey));
}

function enqueue(head: AlerterHead, send: Send, ports: AlerterPorts, now: number): void {
  const { endpointKey, groupKey, groupLabels } = send;
  const message = composeMessage(send, {
    alerts: head.alerts.all,
    acknowledgements: head.acknowledgements.all,
    id: ports.newId(),
    externalUrl: ports.config.externalUrl,
    now,
  });
  const firing = [...send.fresh, ...send.still];
  head.outbox.set(message.id, {
    message,
    endpointKey,
    firing,
    ended: send.ended,
    acknowledged: firing.filter((key) => head.acknowledgements.get(key) !== undefined),
    critical: send.critical,
    createdAt: now,
    tries: 0,
    uncertain: 0,
    trying: false,
  });
  const known = head.endpoints.get(endpointKey);
  if (known === undefined || known.index !== send.to.index)
    head.endpoints.set(endpointKey, { failures: 0, retryAt: 0, ...known, ...send.to });
  const thread = threadKey(endpointKey, groupKey);
  const { failedAt } = head.threads.get(thread) ?? {};
  const again = failedAt === undefined ? {} : { failedAt };
  head.threads.set(thread, { endpointKey, groupKey, groupLabels, sentAt: now, ...again });
  const named = new Set(send.named);
  for (const key of send.fresh) {
    const entry = { endpointKey, alertKey: key, groupKey, known: false, acknowledged: false, endTold: false };
    head.told.set(toldKey(endpointKey, key), { ...entry, named: named.has(key) });
    const alert = head.alerts.get(key);
    if (alert !== undefined && alert.notifiedAt === undefined) head.putAlert({ ...alert, notifiedAt: now });
  }
  for (const key of send.still) {
    const entry = head.told.get(toldKey(endpointKey, key));
    if (entry !== undefined && !entry.named && named.has(key))
      head.told.set(toldKey(endpointKey, key), { ...entry, named: true });
  }
}

/** Counts a message's firing alerts as told: some try of it may have arrived. */
function markKnown(head: AlerterHead, { endpointKey, firing }: OutboxRow): void {
  for (const key of firing) {
    const entry = head.told.get(toldKey(endpointKey, key));
    if (entry !== undefined && !entry.known) head.told.set(toldKey(endpointKey, key), { ...entry, known: true });
  }
}

/** Puts into the state what became of a message after a try. Memory only. */
export function applyOutcome(
  head: AlerterHead,
  row: OutboxRow,
  endpoint: KnownEndpoint,
  outcome: Outcome,
  ports: Pick<AlerterPorts, "refreshOf">,
  now: number,
): void {
  const { message, endpointKey } = row;
  if (row.uncertain > 0 || outcome.kind === "arrived") markKnown(head, row);
  if (outcome.kind === "again") {
    head.outbox.set(message.id, row);
    return;
  }
  head.outbox.delete(message.id);
  note(head, row, endpoint, outcome, now);
  const key = threadKey(endpointKey, message.groupKey);
  const { failedAt: _, ...thread } = head.threads.get(key) ?? {
    endpointKey,
    groupKey: message.groupKey,
    groupLabels: message.groupLabels,
    sentAt: now,
  };
  if (outcome.kind === "dead") {
    head.threads.set(key, { ...thread, failedAt: now });
    bury(head, row, endpoint.endpoint.channel, outcome, now);
    return;
  }
  head.threads.set(key, thread);
  for (const alert of row.acknowledged) {
    const entry = head.told.get(toldKey(endpointKey, alert));
    if (entry !== undefined && !entry.acknowledged)
      head.told.set(toldKey(endpointKey, alert), { ...entry, acknowledged: true });
  }
  const forgets = ports.refreshOf(endpoint.endpoint.channel) !== undefined;
  for (const alert of row.ended) {
    const entry = head.told.get(toldKey(endpointKey, alert));
    if (entry === undefined) continue;
    if (!forgets) head.told.delete(toldKey(endpointKey, alert));
    else if (!entry.endTold) head.told.set(toldKey(endpointKey, alert), { ...entry, endTold: true });
  }
}

/** Keeps what there is to say of a message that is given up. */
export function bury(
  head: AlerterHead,
  row: OutboxRow,
  channel: string,
  dead: { reason: DeliveryReason; why: string },
  at: number,
): void {
  const { critical, createdAt, tries } = row;
  const { id, receiver, groupKey, status, reason, alerts, truncated } = row.message;
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
    tries,
    failure: dead.reason,
    why: dead.why,
  });
}

function note(head: AlerterHead, row: OutboxRow, endpoint: KnownEndpoint, outcome: Outcome, at: number): void {
  const { id, receiver, reason, status, groupKey, alerts, truncated } = row.message;
  const { channel } = endpoint.endpoint;
  const isUncertain = outcome.kind === "arrived" && outcome.uncertain;
  const became = outcome.kind === "dead" ? "dead" : isUncertain ? "uncertain" : "delivered";
  const count = { family: "zako_watch_notifications_total", labels: { receiver, channel, outcome: became }, value: 1 };
  head.count([count], at);
  const fields = { id, at, receiver, channel, reason, status, groupKey, outcome: became, tries: row.tries } as const;
  head.notes.set(id, { kind: "notification", note: { ...fields, alerts: alerts.length + truncated } });
}
