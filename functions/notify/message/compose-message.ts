import { severityOf } from "../../model/alerting/alert.ts";
import type { Acknowledgement, KnownAlert } from "../../model/alerting/alerter-state.ts";
import type { Message, MessageAlert } from "../../model/alerting/message.ts";
import { DRILL_LABEL } from "../policy/group.ts";
import type { Send } from "../policy/stages/send.ts";

/** What a message takes from the state beside the decision. */
export interface ComposeInput {
  alerts: ReadonlyMap<string, KnownAlert>;
  acknowledgements: ReadonlyMap<string, Acknowledgement>;
  id: string;
  externalUrl: string;
  /** When the group's first message since all was well was decided on, epoch ms. */
  openedAt: number;
  /** By alert, who knows of it or is told of it now. */
  receiversOf: ReadonlyMap<string, ReadonlySet<string>>;
  /** Epoch ms. */
  now: number;
}

/** Makes the message of a decision. It holds its alerts as they are now: later changes do not alter it. */
export function composeMessage(send: Send, input: ComposeInput): Message {
  const { alerts, acknowledgements, id, externalUrl, openedAt, receiversOf, now } = input;
  const news = new Set([...send.fresh, ...send.ended]);
  const worseFiring = send.ended.length === 0 ? undefined : worseByTarget(alerts.values());
  const shown = send.named.flatMap((key): MessageAlert[] => {
    const alert = alerts.get(key);
    return alert === undefined ? [] : [showAlert(alert, acknowledgements.get(key), news.has(key), worseFiring)];
  });
  const firing = [...send.fresh, ...send.still];
  const notified = new Set(firing.concat(send.ended).flatMap((key) => [...(receiversOf.get(key) ?? [])]));
  notified.delete(send.to.receiver);
  const test = firing.concat(send.ended).every((key) => alerts.get(key)?.labels[DRILL_LABEL] !== undefined);
  return {
    id,
    receiver: send.to.receiver,
    endpoint: send.to.index,
    reason: test && send.reason === "first notification" ? "drill" : send.reason,
    status: firing.length > 0 ? "firing" : "resolved",
    groupKey: send.groupKey,
    groupLabels: send.groupLabels,
    openedAt,
    ...(send.shared === undefined ? {} : { shared: send.shared }),
    targets: send.targets,
    alsoNotified: [...notified].sort(),
    alerts: shown,
    truncated: firing.length + send.ended.length - shown.length,
    externalUrl,
    at: now,
    test,
  };
}

/** By target, the name of a critical alert that fires. */
function worseByTarget(alerts: Iterable<KnownAlert>): ReadonlyMap<string, string> {
  const worse = new Map<string, string>();
  for (const { labels, resolvedAt } of alerts) {
    const { target, alertname = "" } = labels;
    const isReal = target !== undefined && labels[DRILL_LABEL] === undefined;
    if (resolvedAt === undefined && isReal && severityOf(labels) === "critical") worse.set(target, alertname);
  }
  return worse;
}

function showAlert(
  alert: KnownAlert,
  acknowledgement: Acknowledgement | undefined,
  isNews: boolean,
  worseOf: ReadonlyMap<string, string> | undefined,
): MessageAlert {
  const { fingerprint, labels, annotations, evidence, startsAt, activeSince, resolvedAt } = alert;
  const worse = resolvedAt === undefined ? undefined : worseOf?.get(labels["target"] ?? "");
  return {
    fingerprint,
    labels,
    annotations,
    ...(evidence === undefined ? {} : { evidence }),
    startsAt,
    ...(activeSince === undefined ? {} : { activeSince }),
    status: resolvedAt === undefined ? "firing" : "resolved",
    ...(resolvedAt === undefined ? {} : { endsAt: resolvedAt }),
    ...(acknowledgement === undefined ? {} : { acknowledgedBy: acknowledgement.by }),
    ...(isNews ? { news: true } : {}),
    ...(worse === undefined ? {} : { worseFiring: worse }),
  };
}
