import type { Message } from "../model/alerting/message.ts";
import { type ComposeInput, composeMessage } from "../notify/message/compose-message.ts";
import { renderTemplates } from "../notify/message/message-template.ts";
import type { Send } from "../notify/policy/stages/send.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import type { AlerterPorts } from "./alerter-ports.ts";

/**
 * Makes the message of a decision in the words of its endpoint's templates. A template that fails loses no message: it is
 * counted and logged, and the built-in words go out. Changes memory only.
 */
export function composeFor(
  head: AlerterHead,
  send: Send,
  { openedAt, receiversOf, now }: Pick<ComposeInput, "openedAt" | "receiversOf" | "now">,
  ports: Pick<AlerterPorts, "newId" | "config" | "log">,
): Message {
  const composed = composeMessage(send, {
    alerts: head.alerts.all,
    acknowledgements: head.acknowledgements.all,
    id: ports.newId(),
    externalUrl: ports.config.externalUrl,
    openedAt,
    receiversOf,
    now,
  });
  const { receiver, endpoint } = send.to;
  const { message, failed } = renderTemplates(composed, endpoint);
  const labels = { receiver, channel: endpoint.channel };
  for (const failure of failed) {
    head.count([{ family: "zako_watch_template_failures_total", labels, value: 1 }], now);
    ports.log({ event: "template", ...labels, ...failure });
  }
  return message;
}
