import { getOrInsert } from "../../lib/get-or-insert.ts";
import { type AlertLabels, severityOf } from "../../model/alerting/alert.ts";
import {
  alertKey,
  type NotificationGroup,
  type NotificationLogEntry,
  notificationGroupKey,
  type OutboxRow,
} from "../../model/alerting/alerter-state.ts";
import type { NotifyReason } from "../../model/alerting/message.ts";
import { type IsSole, soleAudience } from "./audience.ts";
import { type Due, dueMessage, type GroupCase, type NotifiedAlert } from "./decide-group.ts";
import type { DecideInput, Refresh } from "./decide-input.ts";
import { getsThrough } from "./gets-through.ts";
import { type Group, overflowGroup } from "./group.ts";
import { judgeQueued } from "./judge-queued.ts";
import { nameAlerts } from "./name-alerts.ts";
import { type Recipient, type RecipientEndpoint, recipientsOf } from "./recipients.ts";
import type { Suppression } from "./route-recipients.ts";

/** A message to be sent, by the keys of its alerts. */
export interface Send {
  endpointKey: string;
  to: RecipientEndpoint;
  groupKey: string;
  groupLabels: AlertLabels;
  reason: NotifyReason;
  /** Firing, and the endpoint has not been told. */
  fresh: readonly string[];
  /** Firing, and it knows. */
  still: readonly string[];
  /** Over; those that did not fit into the message are left for the next one. */
  ended: readonly string[];
  /** Those of all of these that are shown; the others are counted only. */
  named: readonly string[];
  critical: boolean;
  /** Critical, for the only endpoint of one of its alerts, or for one that forgets: a long wait would lose it. */
  urgent: boolean;
}

/** Who is told what now, and why not for the others. */
export interface Decision {
  sends: readonly Send[];
  /** What ends without a word: the endpoint wants no ends, or nothing can have reached it. */
  clearedSilently: readonly NotificationLogEntry[];
  /** Messages on their way that must not be tried again: they are no longer true or wanted, or are replaced. */
  withdrawn: readonly OutboxRow[];
  /** By alert. */
  suppressed: ReadonlyMap<string, readonly Suppression[]>;
  /** When to decide again if nothing happens until then, epoch ms; Infinity: never. */
  nextAt: number;
}

/** A decision in the making. */
interface OpenDecision extends Decision {
  sends: Send[];
  clearedSilently: NotificationLogEntry[];
  withdrawn: OutboxRow[];
  suppressed: Map<string, Suppression[]>;
}

/** So many new groups, or messages on their way, per endpoint at once; what comes on top is told as one group. */
export const MAX_NEW_GROUPS = 20;

/** What is true of one endpoint while its threads are decided on. */
interface EndpointCase {
  isSole: IsSole;
  endpointKey: string;
  to: RecipientEndpoint;
  recipients: ReadonlyMap<string, Recipient>;
  notificationLog: readonly NotificationLogEntry[];
  queued: readonly OutboxRow[];
}

interface Draft extends GroupCase {
  group: Group;
  fresh: Recipient[];
  still: GroupCase["still"][number][];
  ended: NotifiedAlert[];
  repeatedResolves: NotifiedAlert[];
}

const newDraft = (
  group: Group,
  notificationGroup: NotificationGroup | undefined,
  refresh: Refresh | undefined,
  isSole: IsSole,
): Draft => ({
  group,
  notificationGroup,
  refresh,
  isSole,
  fresh: [],
  still: [],
  ended: [],
  repeatedResolves: [],
});

/**
 * Decides who is told what. What was decided must be stored before it is asked again: a thread with a message in the
 * outbox is left alone until that has arrived, is given up, or says what is no longer so.
 */
export function decide(input: DecideInput): Decision {
  const notificationLog = Map.groupBy(input.notificationLog, (entry) => entry.endpointKey);
  const queued = Map.groupBy(input.outbox, (row) => row.endpointKey);
  const { byEndpoint, suppressed, configured } = recipientsOf(input, getsThrough(input, notificationLog, queued));
  const isSole = soleAudience(byEndpoint, input.notificationLog);
  const decision: OpenDecision = {
    sends: [],
    clearedSilently: [],
    withdrawn: [],
    suppressed,
    nextAt: Number.POSITIVE_INFINITY,
  };
  for (const reasons of suppressed.values())
    for (const { until } of reasons) decision.nextAt = Math.min(decision.nextAt, until ?? decision.nextAt);
  for (const endpointKey of new Set([...byEndpoint.keys(), ...notificationLog.keys()])) {
    // Whether an end is wanted is what the configuration says now; only what it has no more is as it was then.
    const to = configured.get(endpointKey) ?? input.endpoints.get(endpointKey);
    if (to === undefined) continue;
    decideEndpoint(input, decision, {
      isSole,
      endpointKey,
      to,
      recipients: byEndpoint.get(endpointKey) ?? new Map(),
      notificationLog: notificationLog.get(endpointKey) ?? [],
      queued: queued.get(endpointKey) ?? [],
    });
  }
  return decision;
}

function decideEndpoint(input: DecideInput, decision: OpenDecision, endpoint: EndpointCase): void {
  const { policy, now } = input;
  const entries = new Map(endpoint.notificationLog.map((entry) => [entry.alertKey, entry]));
  // A relay hears of what it knows as long as it fires.
  const forgets = input.refreshOf(endpoint.to.endpoint.channel) !== undefined;
  const isWanted = (key: string): boolean =>
    endpoint.recipients.has(key) || entries.get(key)?.[forgets ? "known" : "confirmed"] === true;
  const queued = Map.groupBy(endpoint.queued, (row) => judgeQueued(row, input.alerts, isWanted));
  decision.withdrawn.push(...(queued.get("void") ?? []));
  const busy = new Set(queued.get("current")?.map(({ message }) => message.groupKey));
  const outdated = new Map(queued.get("outdated")?.map((row) => [row.message.groupKey, row]));
  const drafts = draftGroups(input, endpoint, busy, decision.clearedSilently);
  const due: [Draft, Due][] = [];
  const waiting = new Map<Draft, Due>();
  for (const draft of drafts.values()) {
    const message = dueMessage(draft, policy, now);
    if (message === undefined) continue;
    if (busy.has(draft.group.key) || message.at > now) waiting.set(draft, message);
    else due.push([draft, message]);
  }
  const room = Math.max(0, MAX_NEW_GROUPS - endpoint.queued.length);
  for (const [draft, message] of foldNew(input, endpoint, drafts, due, room)) {
    if (busy.has(draft.group.key)) {
      waiting.set(draft, message);
      continue;
    }
    // What waited may be told on the occasion of what came on top.
    waiting.delete(draft);
    decision.sends.push(makeSend(endpoint, draft, message.reason));
    const replaced = outdated.get(draft.group.key);
    if (replaced !== undefined) decision.withdrawn.push(replaced);
  }
  for (const [{ group, fresh }, { at }] of waiting) {
    const why = busy.has(group.key)
      ? { why: "an earlier message of its group is on its way" }
      : { why: "its group waits", until: at };
    for (const { key } of fresh)
      getOrInsert(decision.suppressed, key, (): Suppression[] => []).push({ receiver: endpoint.to.receiver, ...why });
    decision.nextAt = Math.min(decision.nextAt, why.until ?? decision.nextAt);
  }
}

/** Sorts what the endpoint knows and should know into its groups; what it was told of stays in the group it was told in. */
function draftGroups(
  input: DecideInput,
  { endpointKey, to, recipients, notificationLog, isSole }: EndpointCase,
  busy: ReadonlySet<string>,
  clearedSilently: NotificationLogEntry[],
): Map<string, Draft> {
  const refresh = input.refreshOf(to.endpoint.channel);
  const drafts = new Map<string, Draft>();
  const draftOf = (key: string, labels: AlertLabels): Draft =>
    getOrInsert(drafts, key, () => {
      const notificationGroup = input.notificationGroups.get(notificationGroupKey(endpointKey, key));
      return newDraft({ key, labels: notificationGroup?.groupLabels ?? labels }, notificationGroup, refresh, isSole);
    });
  const known = new Set<string>();
  const firing = new Set([...recipients.values()].map(({ alert }) => alert.fingerprint));
  for (const entry of notificationLog) {
    known.add(entry.alertKey);
    const alert = input.alerts.get(entry.alertKey);
    const draft = draftOf(entry.groupKey, {});
    if (alert !== undefined && alert.resolvedAt === undefined) {
      const isAcknowledged = input.acknowledgements.has(entry.alertKey);
      const recipient = recipients.get(entry.alertKey);
      // What never got through and is muted by now is not told on the occasion of something else.
      if (entry.known || recipient !== undefined) draft.still.push({ alert, entry, recipient, isAcknowledged });
      // One whose alert is lost waits until that has come again, or is known to be over.
    } else if (alert === undefined || busy.has(entry.groupKey)) continue;
    else if (!entry.known || !to.endpoint.sendResolved) clearedSilently.push(entry);
    else if (!entry.resolvedSent) draft.ended.push({ alert, entry });
    // An old end after a new beginning would end that too.
    else if (input.now >= (alert.resolvedAt ?? 0) + (refresh?.resolvedForMs ?? 0) || firing.has(alert.fingerprint))
      clearedSilently.push(entry);
    else draft.repeatedResolves.push({ alert, entry });
  }
  for (const recipient of recipients.values())
    if (!known.has(recipient.key)) draftOf(recipient.group.key, recipient.group.labels).fresh.push(recipient);
  return drafts;
}

/** Where more groups are new than there is room for, those beyond it become one group per route. */
function foldNew(
  { notificationGroups, refreshOf }: DecideInput,
  { endpointKey, to, isSole }: EndpointCase,
  drafts: ReadonlyMap<string, Draft>,
  due: [Draft, Due][],
  room: number,
): Iterable<readonly [Draft, Due]> {
  const isNew = ([draft]: [Draft, Due]): boolean => draft.still.length + draft.ended.length === 0;
  const fresh = due.filter(isNew);
  if (fresh.length <= room) return due;
  const isCritical = ([draft]: [Draft, Due]): boolean =>
    draft.fresh.some(({ alert }) => severityOf(alert.labels) === "critical");
  const ordered = [...fresh.filter(isCritical), ...fresh.filter((one) => !isCritical(one))];
  const kept = new Map(
    [...due.filter((one) => !isNew(one)), ...ordered.slice(0, room)].map((one) => [one[0].group.key, one] as const),
  );
  for (const [own, { at, reason }] of ordered.slice(room))
    for (const recipient of own.fresh) {
      const group = overflowGroup(recipient.route);
      const notificationGroup = notificationGroups.get(notificationGroupKey(endpointKey, group.key));
      const [draft] = getOrInsert(kept, group.key, () => [
        drafts.get(group.key) ?? newDraft(group, notificationGroup, refreshOf(to.endpoint.channel), isSole),
        { at, reason },
      ]);
      // What has none of the labels that its route groups by is in that group already.
      if (draft !== own) draft.fresh.push(recipient);
    }
  return kept.values();
}

function makeSend({ endpointKey, to, isSole }: EndpointCase, draft: Draft, reason: NotifyReason): Send {
  const { group, fresh, still, ended, repeatedResolves, refresh } = draft;
  const all = [...fresh, ...still, ...ended].map(({ alert }) => alert);
  const { named, deferred } = nameAlerts(draft);
  const critical = all.some((alert) => severityOf(alert.labels) === "critical");
  return {
    endpointKey,
    to: { receiver: to.receiver, index: to.index, endpoint: to.endpoint },
    groupKey: group.key,
    groupLabels: group.labels,
    reason: reason === "all alerts resolved" && deferred.size > 0 ? "some alerts resolved" : reason,
    fresh: fresh.map(({ key }) => key),
    still: still.map(({ entry }) => entry.alertKey),
    ended: [...ended, ...repeatedResolves].map(({ entry }) => entry.alertKey).filter((key) => !deferred.has(key)),
    named,
    critical,
    urgent: critical || refresh !== undefined || all.some((alert) => isSole(alertKey(alert))),
  };
}
