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
import { type Message, NOTIFY_REASONS } from "../../model/alerting/message.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import { isEvidence } from "../evidence-shape.ts";
import {
  anything,
  count,
  either,
  flag,
  integer,
  type KeyedShape,
  list,
  maybe,
  number,
  object,
  oneOf,
  record,
  type Shape,
  text,
  time,
} from "../shape.ts";

/** A shape whose values stand under keys of their own making. */
const keyed =
  <Value>(shape: Shape<Value>, keyOf: (value: Value) => string): KeyedShape<Value> =>
  (key, value): value is Value =>
    shape(value) && keyOf(value) === key;

const labels = record(text);
/** Both parts of an `alertKey` can be read again. */
const keyOfAlert: Shape<string> = (value): value is string => text(value) && /.@\d+(\.\d+)?$/.test(value);
const why = maybe(oneOf("recovered", "removed"));
const isTrue = (value: unknown): value is true => value === true;
const outage = object({ cause: text, front: text, region: maybe(text), down: maybe(isTrue) });
const newestRun = object({ at: time, failed: flag, recheckMs: number, timeoutMs: number, recoveries: count });

const alert = {
  fingerprint: text,
  labels,
  annotations: labels,
  evidence: maybe(isEvidence),
  startsAt: time,
  activeSince: maybe(time),
  outage: maybe(outage),
  newestRun: maybe(newestRun),
};
const status = oneOf("firing", "resolved");

const shared = object({ cause: text, by: oneOf("front", "region", "receiver"), region: maybe(text) });

const templates = { title: maybe(text), text: maybe(text) };
const message: Shape<Message> = object({
  id: text,
  receiver: text,
  endpoint: count,
  reason: oneOf(...NOTIFY_REASONS),
  status,
  groupKey: text,
  groupLabels: labels,
  openedAt: time,
  shared: maybe(shared),
  targets: count,
  alsoNotified: list(text),
  alerts: list(
    object({
      ...alert,
      status,
      endsAt: maybe(time),
      acknowledgedBy: maybe(text),
      news: maybe(oneOf(true)),
      worseFiring: maybe(text),
    }),
  ),
  truncated: count,
  ...templates,
  externalUrl: text,
  at: time,
  test: flag,
});

export const isAlert = keyed<KnownAlert>(
  object({
    ...alert,
    shard: integer,
    receivedAt: time,
    notifiedAt: maybe(time),
    resolvedAt: maybe(time),
    endReceivedAt: maybe(time),
    waitingSince: maybe(time),
    waitedMs: maybe(number),
    why,
  }),
  alertKey,
);

const acknowledgement: Shape<Acknowledgement> = object({ by: text, at: time, comment: text });
export const isAcknowledgement: KeyedShape<Acknowledgement> = (key, value): value is Acknowledgement =>
  keyOfAlert(key) && acknowledgement(value);

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
    endpoint: object({ channel: text, options: record(anything), sendResolved: flag, ...templates }),
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
    shared: maybe(shared),
    openedAt: time,
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
    blocks: maybe(oneOf(true)),
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
    reason: oneOf(...NOTIFY_REASONS),
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

/** What the Alerter knows of a Monitor. */
export interface ShardState {
  generation: number;
  /** Of the newest intake that was applied; 0 before the first. */
  sequence: number;
  /** Epoch ms; when the generation began, before the first intake. */
  lastSeenAt: number;
  /** How often the Alerter has been awake since then in different minutes. */
  missedWakes: number;
}

const shard: Shape<ShardState> = object({ generation: count, sequence: count, lastSeenAt: time, missedWakes: count });
export const isShard: KeyedShape<ShardState> = (key, value): value is ShardState =>
  /^(0|[1-9]\d{0,8})$/.test(key) && shard(value);

const incident: Shape<Incident> = object({
  id: text,
  target: text,
  state: oneOf("down", "unknown"),
  openedAt: time,
  closedAt: maybe(time),
  why,
  causes: list(
    object({ alertname: text, severity: text, probe: maybe(text), summary: text, reason: maybe(text), at: time }),
  ),
  acknowledgedBy: maybe(text),
});
export const isIncident = keyed<Incident>(incident, ({ id }) => id);

const note: Shape<NotificationNote> = object({
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

/** What waits to be written to history. */
export type HistoryNote = { kind: "incident"; incident: Incident } | { kind: "notification"; note: NotificationNote };

export const isNote = keyed<HistoryNote>(
  either(object({ kind: oneOf("incident"), incident }), object({ kind: oneOf("notification"), note })),
  (one) => (one.kind === "incident" ? one.incident.id : one.note.id),
);
