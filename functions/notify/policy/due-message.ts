import { severityOf } from "../../model/alerting/alert.ts";
import { alertKey, type KnownAlert, type NotificationGroup } from "../../model/alerting/alerter-state.ts";
import type { NotifyReason } from "../../model/alerting/message.ts";
import type { NotifyPolicy, Route } from "../../model/alerting/route.ts";
import { URGENT_END_MS, URGENT_WAIT_MS } from "../delivery/retry.ts";
import { newsOf } from "./causes/news-of.ts";
import { GATHER_MS } from "./causes/shared-cause.ts";
import { subjectOf } from "./causes/subject-of.ts";
import type { Group } from "./group.ts";
import type { Due, GroupCase } from "./group-case.ts";
import { takeRoutes } from "./route.ts";
import { recoveryHold } from "./stages/recovery-hold.ts";

/** What was given up is tried again so soon, where the repeat interval is longer; what is urgent, within a minute. */
const GIVEN_UP_RETRY_MS = 900_000;
/** The first update of a group of several targets comes so soon; those after it a `group_interval` apart. */
const FIRST_UPDATE_MS = 30_000;
/** Within so long the others of a cause end as well, if they do: all of them are rechecked until they have recovered. */
const ENDS_TOGETHER_MS = 38_000;

/** A group, with what several targets in it share. */
type Case = GroupCase & { group?: Pick<Group, "shared"> };

/**
 * When a group's next message is due: Alertmanager's rules, but that nothing about a critical alert waits for its group.
 * Of several reasons that hold by then, the one that says most is named. Undefined: there is nothing to say.
 */
export function dueMessage(input: Case, policy: NotifyPolicy, now: number): Due | undefined {
  const dues = [
    ...freshDue(input),
    ...endedDue(input, policy, now),
    ...acknowledgedDue(input),
    ...repeatDue(input, policy, now),
  ];
  if (dues.length === 0) return undefined;
  const at = Math.min(...dues.map((due) => due.at));
  const chosen = dues.find((due) => due.at <= Math.max(at, now)) as Due;
  return { ...chosen, at };
}

const AT_ONCE = 0;

function* freshDue(input: Case): Generator<Due> {
  const { notificationGroup, still, ended, refresh, group } = input;
  const fresh = refresh === undefined ? newsOf(input) : input.fresh;
  const [first] = fresh;
  if (first === undefined) return;
  const isNew = still.length + ended.length === 0;
  const isEscalation = fresh.every(({ via }) => via !== "route");
  const reason: NotifyReason = isEscalation ? "escalation" : isNew ? "first notification" : "new alerts added";
  const isCritical = fresh.some(({ alert }) => severityOf(alert.labels) === "critical");
  // Who joins a group of several targets does not wake its people again; where the others are over, nobody knows of it.
  if (group?.shared !== undefined && still.length > 0) yield { at: updateAt(notificationGroup, first.route), reason };
  else if (refresh !== undefined || group?.shared !== undefined) yield { at: AT_ONCE, reason };
  else if (isCritical) yield { at: isNew ? gatheredAt(fresh) : AT_ONCE, reason };
  else if (fresh.some(({ via }) => via !== "route")) yield { at: AT_ONCE, reason };
  else if (isNew || notificationGroup === undefined)
    yield { at: Math.min(...fresh.map(({ alert }) => alert.receivedAt)) + first.route.groupWaitMs, reason };
  else yield { at: notificationGroup.sentAt + first.route.groupIntervalMs, reason };
}

/** The first message of a cause waits a moment for other targets; one that cannot have company does not. */
function gatheredAt(fresh: GroupCase["fresh"]): number {
  const outages = fresh.filter(({ alert, route }) => alert.outage?.down === true && !route.groupBy.includes("..."));
  return outages.length === 0 ? AT_ONCE : Math.min(...outages.map(({ alert }) => alert.receivedAt)) + GATHER_MS;
}

function* endedDue(input: Case, policy: NotifyPolicy, now: number): Generator<Due> {
  const { notificationGroup, fresh, still, ended } = input;
  if (ended.length === 0) return;
  const isOver = fresh.length + still.length === 0;
  // What goes on about the same target is the same story: its end is told with that.
  const firing = new Set([...fresh, ...still].map(({ alert }) => subjectOf(alert)));
  if (input.refresh === undefined && ended.every(({ alert }) => firing.has(subjectOf(alert)))) return;
  const isUrgent = ended.some(({ alert }) => severityOf(alert.labels) === "critical");
  const reason = isOver ? "all alerts resolved" : "some alerts resolved";
  const leastAt = retryAt(notificationGroup, endRetryMs(input));
  if ((isUrgent && isOver) || notificationGroup === undefined || input.refresh !== undefined) {
    yield { at: leastAt, reason };
    return;
  }
  const route = routeOf(input, policy);
  const at = isUrgent ? endsAt(input, notificationGroup, route) : notificationGroup.sentAt + route.groupIntervalMs;
  // What is over is told with the rest, where that is about to be over too.
  const alerts = newsOf(input).length > 0 ? [] : [...fresh, ...still].map(({ alert }) => alert);
  yield { ...unlessRecovering(alerts, Math.max(at, leastAt), now), reason };
}

/**
 * When a group says that some of it is over. Targets that were down by one cause are up again within seconds of each
 * other: the first end waits for the others, so that there is one message of all.
 */
function endsAt({ ended, group }: Case, notificationGroup: NotificationGroup, route: Route): number {
  const at = updateAt(notificationGroup, route);
  if (group?.shared === undefined) return at;
  const firstAt = Math.min(
    ...ended.map(({ alert: { endReceivedAt, resolvedAt = AT_ONCE } }) => endReceivedAt ?? resolvedAt),
  );
  return Math.max(at, firstAt + ENDS_TOGETHER_MS);
}

/** When a group may say what has changed: soon after its first message, then once a `group_interval`. */
function updateAt(notificationGroup: NotificationGroup | undefined, { groupIntervalMs }: Route): number {
  if (notificationGroup === undefined) return AT_ONCE;
  const { sentAt, openedAt } = notificationGroup;
  return sentAt + (sentAt <= openedAt ? Math.min(FIRST_UPDATE_MS, groupIntervalMs) : groupIntervalMs);
}

function* acknowledgedDue({ notificationGroup, still }: Case): Generator<Due> {
  if (still.some(({ isAcknowledged, entry }) => isAcknowledged && entry.known && !entry.acknowledged))
    yield { at: retryAt(notificationGroup, GIVEN_UP_RETRY_MS), reason: "acknowledged" };
}

function* repeatDue(input: Case, policy: NotifyPolicy, now: number): Generator<Due> {
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
    const alerts = reminded.map(({ alert }) => alert);
    yield { ...unlessRecovering(alerts, sentAt + repeatMs, now), reason };
    return;
  }
  const retryMs = unconfirmed.some((alert) => retriesSoon(alert, input)) ? URGENT_WAIT_MS : GIVEN_UP_RETRY_MS;
  yield { at: Math.max(sentAt, notificationGroup?.failedAt ?? AT_ONCE) + Math.min(repeatMs, retryMs), reason };
}

/** What is due waits while all these alerts may be about to end. */
function unlessRecovering(alerts: readonly KnownAlert[], dueAt: number, now: number): Pick<Due, "at" | "recovering"> {
  if (dueAt > now || alerts.length === 0) return { at: dueAt };
  const holds = alerts.map((alert) => recoveryHold(alert, now));
  if (holds.includes(undefined)) return { at: dueAt };
  return { at: Math.min(...holds.filter((until) => until !== undefined)), recovering: alerts.map(alertKey) };
}

/** How long after a message was given up the next is tried that tells the end of alerts, ms. */
function endRetryMs(input: Case): number {
  const failedAt = input.notificationGroup?.failedAt ?? AT_ONCE;
  const isRecent = ({ resolvedAt = AT_ONCE }: KnownAlert): boolean => failedAt - resolvedAt < URGENT_END_MS;
  const isSoon = input.ended.some(({ alert }) => isRecent(alert) && retriesSoon(alert, input));
  return isSoon ? URGENT_WAIT_MS : GIVEN_UP_RETRY_MS;
}

const retriesSoon = (alert: KnownAlert, { isSole }: Case): boolean =>
  severityOf(alert.labels) === "critical" || isSole(alertKey(alert));

const retryAt = (notificationGroup: NotificationGroup | undefined, waitMs: number): number =>
  notificationGroup?.failedAt === undefined ? AT_ONCE : notificationGroup.failedAt + waitMs;

/** The route whose intervals hold: the one that its alerts take now. */
function routeOf({ fresh, still, ended }: Case, policy: NotifyPolicy): Route {
  const recipient = fresh[0] ?? still.find((one) => one.recipient !== undefined)?.recipient;
  if (recipient !== undefined) return recipient.route;
  const labels = (still[0] ?? ended[0])?.alert.labels ?? {};
  return takeRoutes(policy.route, labels)[0] ?? policy.route;
}
