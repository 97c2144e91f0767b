import * as z from "zod";
import { cleanLine } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";
import { begunAt, SEVERITIES, type Severity, severityOf } from "../../model/alerting/alert.ts";
import type { Message } from "../../model/alerting/message.ts";
import { type AnswerRules, badAnswer, judgeAnswer } from "../delivery/judge-answer.ts";
import { post } from "../delivery/post.ts";
import { safeLink } from "../message/links.ts";
import { groupHash } from "../message/message-key.ts";
import { type MessageText, renderMessage } from "../message/render-message.ts";
import { goTime } from "./alertmanager-form.ts";
import type { Channel } from "./channel.ts";
import { channelSecret, secretMissing } from "./channel-secret.ts";
import { plainUrl, secretName } from "./option-leaf.ts";

const Options = z.strictObject({
  routing_key: secretName.meta({
    description: "Name of the secret binding that holds the integration key of a service (Events API v2).",
    example: "PAGERDUTY_KEY",
  }),
  region: z.enum(["us", "eu"]).default("us").meta({ description: "Where the account lives." }),
  events_url: plainUrl.optional().meta({
    description: "Another address that takes events; none: PagerDuty's own of the region.",
    example: "https://events.pagerduty.com/v2/enqueue",
  }),
});
type Options = z.output<typeof Options>;

const HOSTS = { us: "https://events.pagerduty.com/v2/enqueue", eu: "https://events.eu.pagerduty.com/v2/enqueue" };

/** Sends events to PagerDuty. Limits and answers: PagerDuty's Events API v2 overview. */
export const pagerduty: Channel<Options> = {
  channel: "pagerduty",
  doc: "Triggers, acknowledges and resolves one PagerDuty incident for each outage: the alerts of one group (Events API v2).",
  options: Options,
  bindings: ({ routing_key }) => [routing_key],
  urls: ({ events_url }) => (events_url === undefined ? {} : { events_url }),

  async send(message, { routing_key, region, events_url }, deps) {
    const key = channelSecret(deps, routing_key);
    if (key === undefined) return secretMissing(routing_key);
    const url = events_url ?? HOSTS[region];
    const answer = await post({ url, body: eventBody(pagerdutyEvent(message), key), readAnswer: true }, deps);
    return judgeAnswer(answer, RULES, deps.now());
  },
};

/** It knows a group by its `dedup_key`. */
const RULES: AnswerRules = {
  who: "PagerDuty",
  repeatable: true,
  accepted: (_status, text) => (isSuccess(text) ? { kind: "delivered" } : badAnswer(RULES, text)),
};

function isSuccess(text: string | undefined): boolean {
  try {
    return (JSON.parse(text ?? "") as { status?: unknown } | null)?.status === "success";
  } catch {
    return false;
  }
}

/** An event without its routing key. */
interface PagerDutyEvent {
  event_action: "trigger" | "acknowledge" | "resolve";
  dedup_key: string;
  payload?: Readonly<Record<string, unknown>>;
  links?: readonly { href: string; text: string }[];
  client?: string;
  client_url?: string;
}

/** Alerts that the details of an event name. */
const MOST_NAMED = 20;
const LONGEST_SUMMARY = 1_024;
const LONGEST_TEXT = 255;
const MOST_BODY_BYTES = 512 * 1_024;

/**
 * One outage of one group: a late resolve of the one before must not end it. The group's key holds target and class.
 *
 * @internal For tests of what is sent, without sending it.
 */
export const dedupKey = (message: Message): string => `zako:${groupHash(message)}:${message.openedAt}`;

/** Messages that tell of what PagerDuty has not heard of, so that there is nothing there to acknowledge yet. */
const BEGINS: ReadonlySet<Message["reason"]> = new Set(["first notification", "escalation", "drill"]);

/**
 * The event of a message: one incident for all alerts of its group, which is over when all of them are.
 *
 * @internal For tests of what is sent, without sending it.
 */
export function pagerdutyEvent(message: Message): PagerDutyEvent {
  const dedup_key = dedupKey(message);
  if (message.status === "resolved") return { event_action: "resolve", dedup_key };
  const firing = message.alerts.filter(({ status }) => status === "firing");
  const isTaken = firing.length > 0 && firing.every(({ acknowledgedBy }) => acknowledgedBy !== undefined);
  if (isTaken && !BEGINS.has(message.reason)) return { event_action: "acknowledge", dedup_key };
  const words = renderMessage(message, MOST_NAMED);
  const [first] = firing;
  const { alertname, target, probe } = message.targets > 1 ? {} : (first?.labels ?? {});
  const fields = { component: probe, group: target, class: alertname };
  return {
    event_action: "trigger",
    dedup_key,
    payload: {
      summary: shorten(`${message.test ? "[DRILL] " : ""}${words.subject}`, LONGEST_SUMMARY),
      source: line(target) || "zako-watch",
      severity: firing.map(({ labels }) => severityOf(labels)).sort(byBadness)[0] ?? "critical",
      timestamp: goTime(firing.reduce((earliest, alert) => Math.min(earliest, begunAt(alert)), message.at)),
      ...Object.fromEntries(
        Object.entries(fields)
          .map(([name, text]) => [name, line(text)])
          .filter(([, text]) => text !== ""),
      ),
      custom_details: details(message, words),
    },
    links: (words.alerts[0]?.links ?? []).map(({ text, url }) => ({ href: url, text })),
    ...client(message),
  };
}

const byBadness = (a: Severity, b: Severity): number => SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);

/** What the first alert says, and the titles of all where there are several. */
function details(message: Message, { note, alerts, left, more }: MessageText): Record<string, unknown> {
  const [first] = alerts;
  const lines = new Map<string, string>();
  // Several lines have one name where several steps fail.
  for (const { name, text } of first?.lines ?? []) {
    const key = name.toLowerCase().replaceAll(" ", "_");
    const before = lines.get(key);
    lines.set(key, before === undefined ? text : `${before}; ${text}`);
  }
  return {
    ...(message.test ? { drill: "nothing is wrong" } : {}),
    ...(note === "" ? {} : { note }),
    ...(first === undefined || first.description === "" ? {} : { description: first.description }),
    ...Object.fromEntries(lines),
    ...(alerts.length + left > 1 ? { alerts: alerts.map(({ title }) => title) } : {}),
    ...(more === "" ? {} : { more }),
  };
}

const line = (text: string | undefined): string => shorten(cleanLine(text ?? ""), LONGEST_TEXT);

function client(message: Message): Pick<PagerDutyEvent, "client" | "client_url"> {
  const url = safeLink(message.externalUrl);
  return { client: "zako-watch", ...(url === undefined ? {} : { client_url: url }) };
}

/**
 * The event on the wire. One that is too large goes without its details, as PagerDuty asks.
 *
 * @internal For tests of what is sent, without sending it.
 */
export function eventBody(event: PagerDutyEvent, routingKey: string): string {
  const body = JSON.stringify({ routing_key: routingKey, ...event });
  if (new TextEncoder().encode(body).length <= MOST_BODY_BYTES) return body;
  const { custom_details: _, ...payload } = event.payload ?? {};
  return JSON.stringify({ routing_key: routingKey, ...event, payload });
}
