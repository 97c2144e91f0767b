import type { Acknowledgement, KnownAlert } from "../../model/alerting/alerter-state.ts";
import type { Message, MessageAlert } from "../../model/alerting/message.ts";
import type { Send } from "../policy/decision.ts";
import { DRILL_LABEL } from "../policy/group.ts";

/** What a message takes from the state beside the decision. */
export interface ComposeInput {
  alerts: ReadonlyMap<string, KnownAlert>;
  acknowledgements: ReadonlyMap<string, Acknowledgement>;
  id: string;
  externalUrl: string;
  /** Epoch ms. */
  now: number;
}

/** Makes the message of a decision. It holds its alerts as they are now: later changes do not alter it. */
export function composeMessage(send: Send, input: ComposeInput): Message {
  const { alerts, acknowledgements, id, externalUrl, now } = input;
  const shown = send.named.flatMap((key): MessageAlert[] => {
    const alert = alerts.get(key);
    return alert === undefined ? [] : [showAlert(alert, acknowledgements.get(key))];
  });
  const firing = [...send.fresh, ...send.still];
  const test = firing.concat(send.ended).every((key) => alerts.get(key)?.labels[DRILL_LABEL] !== undefined);
  return {
    id,
    receiver: send.to.receiver,
    endpoint: send.to.index,
    reason: test && send.reason === "first notification" ? "drill" : send.reason,
    status: firing.length > 0 ? "firing" : "resolved",
    groupKey: send.groupKey,
    groupLabels: send.groupLabels,
    alerts: shown,
    truncated: firing.length + send.ended.length - shown.length,
    externalUrl,
    at: now,
    test,
  };
}

function showAlert(alert: KnownAlert, acknowledgement: Acknowledgement | undefined): MessageAlert {
  const { fingerprint, labels, annotations, evidence, startsAt, resolvedAt } = alert;
  return {
    fingerprint,
    labels,
    annotations,
    ...(evidence === undefined ? {} : { evidence }),
    startsAt,
    status: resolvedAt === undefined ? "firing" : "resolved",
    ...(resolvedAt === undefined ? {} : { endsAt: resolvedAt }),
    ...(acknowledgement === undefined ? {} : { acknowledgedBy: acknowledgement.by }),
  };
}
