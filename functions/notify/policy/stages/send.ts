import { type AlertLabels, severityOf } from "../../../model/alerting/alert.ts";
import { alertKey } from "../../../model/alerting/alerter-state.ts";
import type { NotifyReason, Shared } from "../../../model/alerting/message.ts";
import { subjectOf } from "../causes/subject-of.ts";
import type { DueDraft } from "../group-case.ts";
import { nameAlerts } from "../name-alerts.ts";
import type { RecipientEndpoint, Stage } from "../stage.ts";

/** A message to be sent, by the keys of its alerts. */
export interface Send {
  endpointKey: string;
  to: Omit<RecipientEndpoint, "endpointKey">;
  groupKey: string;
  groupLabels: AlertLabels;
  /** Present where it is about several targets with one cause. */
  shared?: Shared;
  reason: NotifyReason;
  /** The first message of its group since all was well. */
  opens: boolean;
  /** Firing, and the endpoint has not been told. */
  fresh: readonly string[];
  /** Firing, and it knows. */
  still: readonly string[];
  /** Over; those that did not fit into the message are left for the next one. */
  ended: readonly string[];
  /** Those of all of these that are shown; the others are counted only. */
  named: readonly string[];
  /** How many targets it is about. */
  targets: number;
  critical: boolean;
  /** Critical, for the only endpoint of one of its alerts, or for one that forgets: a long wait would lose it. */
  urgent: boolean;
}

/** Makes the message of each group that goes out now; it takes the place of one that is no longer true. */
export const send: Stage<DueDraft, Send> = (drafts) => ({
  passed: drafts.map(makeSend),
  suppressed: [],
  withdrawn: drafts.flatMap(({ outdated }) => outdated ?? []),
});

function makeSend(draft: DueDraft): Send {
  const { to, group, fresh, still, ended, repeatedResolves, refresh, isSole, due } = draft;
  const all = [...fresh, ...still, ...ended].map(({ alert }) => alert);
  const { named, deferred } = nameAlerts(draft);
  const critical = all.some((alert) => severityOf(alert.labels) === "critical");
  const reason = due?.reason ?? "first notification";
  return {
    endpointKey: to.endpointKey,
    to: { receiver: to.receiver, index: to.index, endpoint: to.endpoint },
    groupKey: group.key,
    groupLabels: group.labels,
    ...(group.shared === undefined ? {} : { shared: group.shared }),
    reason: reason === "all alerts resolved" && deferred.size > 0 ? "some alerts resolved" : reason,
    opens: still.length + ended.length + repeatedResolves.length === 0,
    fresh: fresh.map(({ key }) => key),
    still: still.map(({ entry }) => entry.alertKey),
    ended: [...ended, ...repeatedResolves].map(({ entry }) => entry.alertKey).filter((key) => !deferred.has(key)),
    named,
    targets: new Set(all.map(subjectOf)).size,
    critical,
    urgent: critical || refresh !== undefined || all.some((alert) => isSole(alertKey(alert))),
  };
}
