import {
  type Acknowledgement,
  alertKey,
  type DeadLetter,
  type EndpointState,
  endpointKeyOf,
  type KnownAlert,
  type NotificationGroup,
  type NotificationLogEntry,
  notificationGroupKey,
  notificationLogKey,
  type OutboxRow,
} from "../../model/alerting/alerter-state.ts";
import { DELIVERY_REASONS } from "../../model/alerting/delivery.ts";
import type { Incident, NotificationNote } from "../../model/alerting/incident.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import type { IsValid } from "../key-value-table.ts";
import { count, either, flag, list, maybe, number, object, oneOf, record, type Shape, text, time } from "../shape.ts";

const keyed =
  <Value>(shape: Shape, keyOf: (value: Value) => string): IsValid =>
  (key, value) =>
    shape(value) && keyOf(value as Value) === key;

const labels = record(text);
/** Both parts of an `alertKey` can be read again. */
const keyOfAlert: Shape = (value) => text(value) && /.@\d+(\.\d+)?$/.test(value as string);
const why = maybe(oneOf("recovered", "removed"));
const alert = { fingerprint: text, labels, annotations: labels, startsAt: time };
const status = oneOf("firing", "resolved");

const message = object({
  id: text,
  receiver: text,
  endpoint: count,
  reason: text,
  status,
  groupKey: text,
  groupLabels: labels,
  alerts: list(object({ ...alert, status, endsAt: maybe(time), acknowledgedBy: maybe(text) })),
  truncated: count,
  externalUrl: text,
  at: time,
  test: flag,
});

export const isAlert = keyed<KnownAlert>(
  object({
    ...alert,
    shard: Number.isSafeInteger,
    receivedAt: time,
    notifiedAt: maybe(time),
    resolvedAt: maybe(time),
    endReceivedAt: maybe(time),
    activeSince: maybe(time),
    why,
  }),
  alertKey,
);

const acknowledgement = object({ by: text, at: time, comment: text } satisfies Record<keyof Acknowledgement, Shape>);
export const isAcknowledgement: IsValid = (key, value) => keyOfAlert(key) && acknowledgement(value);

export const isSilence = keyed<Silence>(
  object({
    id: text,
    matchers: list(object({ name: text, op: oneOf("=", "!=", "=~", "!~"), value: text })),
    startsAt: time,
    endsAt: time,
    author: text,
    reason: text,
    maintenance: flag,
    expiredAt: maybe(time),
    expiredReason: maybe(text),
  }),
  ({ id }) => id,
);

export const isEndpoint = keyed<EndpointState>(
  object({
    receiver: text,
    index: count,
    endpoint: object({ channel: text, options: record(() => true), sendResolved: flag }),
    failures: count,
    retryAt: number,
    failedAt: maybe(time),
  }),
  ({ receiver, endpoint }) => endpointKeyOf(receiver, endpoint),
);

export const isNotificationGroup = keyed<NotificationGroup>(
  object({
    endpointKey: text,
    groupKey: text,
    groupLabels: labels,
    sentAt: time,
    failedAt: maybe(time),
    failedId: maybe(text),
  }),
  ({ endpointKey, groupKey }) => notificationGroupKey(endpointKey, groupKey),
);

export const isNotificationLogEntry = keyed<NotificationLogEntry>(
  object({
    endpointKey: text,
    alertKey: keyOfAlert,
    groupKey: text,
    known: flag,
    confirmed: flag,
    named: flag,
    acknowledged: flag,
    resolvedSent: flag,
  }),
  ({ endpointKey, alertKey: key }) => notificationLogKey(endpointKey, key),
);

export const isOutboxRow = keyed<OutboxRow>(
  object({
    message,
    endpointKey: text,
    firing: list(text),
    ended: list(text),
    acknowledged: list(text),
    critical: flag,
    urgent: flag,
    createdAt: time,
    tries: count,
    triedAt: maybe(time),
    uncertain: count,
    trying: flag,
  }),
  ({ message: { id } }) => id,
);

export const isDeadLetter = keyed<DeadLetter>(
  object({
    id: text,
    receiver: text,
    channel: text,
    groupKey: text,
    status,
    reason: text,
    critical: flag,
    alerts: count,
    names: list(text),
    createdAt: time,
    at: time,
    tries: count,
    failure: oneOf(...DELIVERY_REASONS),
    why: text,
  }),
  ({ id }) => id,
);

const shard = object({ generation: count, sequence: count, lastSeenAt: time, missedWakes: count });
export const isShard: IsValid = (key, value) => /^(0|[1-9]\d{0,8})$/.test(key) && shard(value);

const incident = object({
  id: text,
  target: text,
  state: oneOf("down", "unknown"),
  openedAt: time,
  closedAt: maybe(time),
  why,
  causes: list(object({ alertname: text, severity: text, probe: maybe(text), summary: text, at: time })),
  acknowledgedBy: maybe(text),
});
export const isIncident = keyed<Incident>(incident, ({ id }) => id);

const note = object({
  id: text,
  at: time,
  receiver: text,
  channel: text,
  reason: text,
  status,
  groupKey: text,
  alerts: count,
  outcome: oneOf("delivered", "uncertain", "dead"),
  tries: count,
});
export const isNote = keyed<{ incident: Incident } | { note: NotificationNote }>(
  either(object({ kind: oneOf("incident"), incident }), object({ kind: oneOf("notification"), note })),
  (one) => ("incident" in one ? one.incident.id : one.note.id),
);

export const isGeneration = object({ number: count, config: text, shards: count });
export const areHashes = list(text);
