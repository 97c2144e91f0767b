import { severityOf } from "../../model/alerting/alert.ts";
import {
  alertKey,
  type KnownAlert,
  type NotificationGroup,
  type NotificationLogEntry,
} from "../../model/alerting/alerter-state.ts";
import type { NotifyReason } from "../../model/alerting/message.ts";
import type { NotifyPolicy, Route } from "../../model/alerting/route.ts";
import { URGENT_END_MS, URGENT_WAIT_MS } from "../delivery/retry.ts";
import type { IsSole } from "./audience.ts";
import type { Refresh } from "./decide-input.ts";
import type { Recipient } from "./recipients.ts";
import { takeRoutes } from "./route.ts";

/** What was given up is tried again so soon, where the repeat interval is longer; what is urgent, within a minute. */
export const GIVEN_UP_RETRY_MS = 900_000;

/** An alert that the endpoint was told of. */
export interface NotifiedAlert {
  alert: KnownAlert;
  entry: NotificationLogEntry;
}

/** One group of one endpoint: what it knows and what it should know. */
export interface GroupCase {
  notificationGroup: NotificationGroup | undefined;
  /** Firing, and it has not been told. */
  fresh: readonly Recipient[];
  /** Firing, and it has been told; `wish` while it should still be reminded. */
  still: readonly (NotifiedAlert & { recipient: Recipient | undefined; isAcknowledged: boolean })[];
  /** Over, and it has not been told of the end. */
  ended: readonly NotifiedAlert[];
  /** Over, and it has been told, but forgets. */
  repeatedResolves: readonly NotifiedAlert[];
  /** Present where the other side forgets; such a relay groups and waits by itself, so nothing waits here. */
  refresh: Refresh | undefined;
  isSole: IsSole;
}

/** When to send, epoch ms, and with which reason. */
export interface Due {
  at: number;
  reason: NotifyReason;
}

/**
 * When a thread's next message is due: Alertmanager's rules, but that nothing about a critical alert waits for its
 * group. Of several reasons that hold by then, the one that says most is named. Undefined: there is nothing to say.
 */
export function dueMessage(input: GroupCase, policy: NotifyPolicy, now: number): Due | undefined {
  const dues = [...freshDue(input), ...endedDue(input, policy), ...acknowledgedDue(input), ...repeatDue(input, policy)];
  if (dues.length === 0) return undefined;
  const at = Math.min(...dues.map((due) => due.at));
  const { reason } = dues.find((due) => due.at <= Math.max(at, now)) as Due;
  return { at, reason };
}

const AT_ONCE = 0;

function* freshDue({ notificationGroup, fresh, still, ended, refresh }: GroupCase): Generator<Due> {
  const [first] = fresh;
  if (first === undefined) return;
  const isNew = still.length + ended.length === 0;
  const isEscalation = fresh.every(({ via }) => via !== "route");
  const reason = isEscalation ? "escalation" : isNew ? "first notification" : "new alerts added";
  const isUrgent = fresh.some(({ alert, via }) => severityOf(alert.labels) === "critical" || via !== "route");
  if (isUrgent || refresh !== undefined) yield { at: AT_ONCE, reason };
  else if (isNew || notificationGroup === undefined)
    yield { at: Math.min(...fresh.map(({ alert }) => alert.receivedAt)) + first.route.groupWaitMs, reason };
  else yield { at: notificationGroup.sentAt + first.route.groupIntervalMs, reason };
}

function* endedDue(input: GroupCase, policy: NotifyPolicy): Generator<Due> {
  const { notificationGroup, fresh, still, ended } = input;
  if (ended.length === 0) return;
  const reason = fresh.length + still.length === 0 ? "all alerts resolved" : "some alerts resolved";
  const isUrgent = ended.some(({ alert }) => severityOf(alert.labels) === "critical");
  const at =
    isUrgent || notificationGroup === undefined || input.refresh !== undefined
      ? AT_ONCE
      : notificationGroup.sentAt + routeOf(input, policy).groupIntervalMs;
  yield { at: Math.max(at, retryAt(notificationGroup, endRetryMs(input))), reason };
}

function* acknowledgedDue({ notificationGroup, still }: GroupCase): Generator<Due> {
  if (still.some(({ isAcknowledged, entry }) => isAcknowledged && entry.known && !entry.acknowledged))
    yield { at: retryAt(notificationGroup, GIVEN_UP_RETRY_MS), reason: "acknowledged" };
}

function* repeatDue(input: GroupCase, policy: NotifyPolicy): Generator<Due> {
  const { notificationGroup, still, repeatedResolves, refresh } = input;
  // Whoever knows of an alert was sent it: where nobody can say when, it is time.
  const sentAt = notificationGroup?.sentAt ?? AT_ONCE;
  if (refresh !== undefined) {
    const reason = still.length === 0 ? "all alerts resolved" : "repeat interval elapsed";
    if (still.length + repeatedResolves.length > 0) yield { at: sentAt + refresh.everyMs, reason };
    return;
  }
  const reminded = still.filter(({ recipient, isAcknowledged }) => recipient !== undefined && !isAcknowledged);
  if (reminded.length === 0) return;
  const repeatMs =
    routeOf(input, policy).repeatIntervalMs ??
    Math.min(...reminded.map(({ alert }) => policy.severities[severityOf(alert.labels)].repeatIntervalMs));
  const reason = still.some(({ entry }) => entry.confirmed) ? "repeat interval elapsed" : "first notification";
  const unconfirmed = reminded.filter(({ entry }) => !entry.confirmed).map(({ alert }) => alert);
  if (unconfirmed.length === 0) {
    yield { at: sentAt + repeatMs, reason };
    return;
  }
  const retryMs = unconfirmed.some((alert) => retriesSoon(alert, input)) ? URGENT_WAIT_MS : GIVEN_UP_RETRY_MS;
  yield { at: Math.max(sentAt, notificationGroup?.failedAt ?? AT_ONCE) + Math.min(repeatMs, retryMs), reason };
}

/** How long after a message was given up the next is tried that tells the end of alerts, ms. */
function endRetryMs(input: GroupCase): number {
  const failedAt = input.notificationGroup?.failedAt ?? AT_ONCE;
  const isRecent = ({ resolvedAt = AT_ONCE }: KnownAlert): boolean => failedAt - resolvedAt < URGENT_END_MS;
  const isSoon = input.ended.some(({ alert }) => isRecent(alert) && retriesSoon(alert, input));
  return isSoon ? URGENT_WAIT_MS : GIVEN_UP_RETRY_MS;
}

const retriesSoon = (alert: KnownAlert, { isSole }: GroupCase): boolean =>
  severityOf(alert.labels) === "critical" || isSole(alertKey(alert));

const retryAt = (notificationGroup: NotificationGroup | undefined, waitMs: number): number =>
  notificationGroup?.failedAt === undefined ? AT_ONCE : notificationGroup.failedAt + waitMs;

/** The route whose intervals hold: the one that its alerts take now. */
function routeOf({ fresh, still, ended }: GroupCase, policy: NotifyPolicy): Route {
  const recipient = fresh[0] ?? still.find((one) => one.recipient !== undefined)?.recipient;
  if (recipient !== undefined) return recipient.route;
  const labels = (still[0] ?? ended[0])?.alert.labels ?? {};
  return takeRoutes(policy.route, labels)[0] ?? policy.route;
}
