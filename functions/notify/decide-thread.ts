import { alertKey, type KnownAlert, type Thread, type Told } from "../model/alert-book.ts";
import type { NotifyReason } from "../model/message.ts";
import type { NotifyPolicy, Route } from "../model/route.ts";
import type { IsSole } from "./audience.ts";
import type { Refresh } from "./decide-input.ts";
import { severityOf } from "./mute.ts";
import { URGENT_END_MS, URGENT_WAIT_MS } from "./retry.ts";
import { takeRoutes } from "./route.ts";
import type { Wish } from "./wishes.ts";

/** What was given up is tried again so soon, where the repeat interval is longer; what is urgent, within a minute. */
export const GIVEN_UP_RETRY_MS = 900_000;

/** An alert that the endpoint was told of. */
export interface ToldAlert {
  alert: KnownAlert;
  entry: Told;
}

/** One group of one endpoint: what it knows and what it should know. */
export interface ThreadCase {
  thread: Thread | undefined;
  /** Firing, and it has not been told. */
  fresh: readonly Wish[];
  /** Firing, and it has been told; `wish` while it should still be reminded. */
  still: readonly (ToldAlert & { wish: Wish | undefined; isAcknowledged: boolean })[];
  /** Over, and it has not been told of the end. */
  ended: readonly ToldAlert[];
  /** Over, and it has been told, but forgets. */
  echoes: readonly ToldAlert[];
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
export function dueMessage(input: ThreadCase, policy: NotifyPolicy, now: number): Due | undefined {
  const dues = [...freshDue(input), ...endedDue(input, policy), ...acknowledgedDue(input), ...repeatDue(input, policy)];
  if (dues.length === 0) return undefined;
  const at = Math.min(...dues.map((due) => due.at));
  const { reason } = dues.find((due) => due.at <= Math.max(at, now)) as Due;
  return { at, reason };
}

const AT_ONCE = 0;

function* freshDue({ thread, fresh, still, ended, refresh }: ThreadCase): Generator<Due> {
  const [first] = fresh;
  if (first === undefined) return;
  const isNew = still.length + ended.length === 0;
  const isEscalation = fresh.every(({ via }) => via !== "route");
  const reason = isEscalation ? "escalation" : isNew ? "first notification" : "new alerts added";
  const isUrgent = fresh.some(({ alert, via }) => severityOf(alert) === "critical" || via !== "route");
  if (isUrgent || refresh !== undefined) yield { at: AT_ONCE, reason };
  else if (isNew || thread === undefined)
    yield { at: Math.min(...fresh.map(({ alert }) => alert.receivedAt)) + first.route.groupWaitMs, reason };
  else yield { at: thread.sentAt + first.route.groupIntervalMs, reason };
}

function* endedDue(input: ThreadCase, policy: NotifyPolicy): Generator<Due> {
  const { thread, fresh, still, ended } = input;
  if (ended.length === 0) return;
  const reason = fresh.length + still.length === 0 ? "all alerts resolved" : "some alerts resolved";
  const isUrgent = ended.some(({ alert }) => severityOf(alert) === "critical");
  const at =
    isUrgent || thread === undefined || input.refresh !== undefined
      ? AT_ONCE
      : thread.sentAt + routeOf(input, policy).groupIntervalMs;
  yield { at: Math.max(at, retryAt(thread, endRetryMs(input))), reason };
}

function* acknowledgedDue({ thread, still }: ThreadCase): Generator<Due> {
  if (still.some(({ isAcknowledged, entry }) => isAcknowledged && entry.known && !entry.acknowledged))
    yield { at: retryAt(thread, GIVEN_UP_RETRY_MS), reason: "acknowledged" };
}

function* repeatDue(input: ThreadCase, policy: NotifyPolicy): Generator<Due> {
  const { thread, still, echoes, refresh } = input;
  // Whoever knows of an alert was sent it: where nobody can say when, it is time.
  const sentAt = thread?.sentAt ?? AT_ONCE;
  if (refresh !== undefined) {
    const reason = still.length === 0 ? "all alerts resolved" : "repeat interval elapsed";
    if (still.length + echoes.length > 0) yield { at: sentAt + refresh.everyMs, reason };
    return;
  }
  const reminded = still.filter(({ wish, isAcknowledged }) => wish !== undefined && !isAcknowledged);
  if (reminded.length === 0) return;
  const repeatMs =
    routeOf(input, policy).repeatIntervalMs ??
    Math.min(...reminded.map(({ alert }) => policy.severities[severityOf(alert)].repeatIntervalMs));
  const reason = still.some(({ entry }) => entry.confirmed) ? "repeat interval elapsed" : "first notification";
  const unconfirmed = reminded.filter(({ entry }) => !entry.confirmed).map(({ alert }) => alert);
  if (unconfirmed.length === 0) {
    yield { at: sentAt + repeatMs, reason };
    return;
  }
  const retryMs = unconfirmed.some((alert) => retriesSoon(alert, input)) ? URGENT_WAIT_MS : GIVEN_UP_RETRY_MS;
  yield { at: Math.max(sentAt, thread?.failedAt ?? AT_ONCE) + Math.min(repeatMs, retryMs), reason };
}

/** How long after a message was given up the next is tried that tells the end of alerts, ms. */
function endRetryMs(input: ThreadCase): number {
  const failedAt = input.thread?.failedAt ?? AT_ONCE;
  const isRecent = ({ resolvedAt = AT_ONCE }: KnownAlert): boolean => failedAt - resolvedAt < URGENT_END_MS;
  const isSoon = input.ended.some(({ alert }) => isRecent(alert) && retriesSoon(alert, input));
  return isSoon ? URGENT_WAIT_MS : GIVEN_UP_RETRY_MS;
}

const retriesSoon = (alert: KnownAlert, { isSole }: ThreadCase): boolean =>
  severityOf(alert) === "critical" || isSole(alertKey(alert));

const retryAt = (thread: Thread | undefined, waitMs: number): number =>
  thread?.failedAt === undefined ? AT_ONCE : thread.failedAt + waitMs;

/** The route whose intervals hold: the one that its alerts take now. */
function routeOf({ fresh, still, ended }: ThreadCase, policy: NotifyPolicy): Route {
  const wish = fresh[0] ?? still.find((one) => one.wish !== undefined)?.wish;
  if (wish !== undefined) return wish.route;
  const labels = (still[0] ?? ended[0])?.alert.labels ?? {};
  return takeRoutes(policy.route, labels)[0] ?? policy.route;
}
