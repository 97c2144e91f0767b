import * as z from "zod";
import { cleanLine } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";
import { SEVERITIES, severityOf } from "../../model/alerting/alert.ts";
import type { Message, MessageAlert } from "../../model/alerting/message.ts";
import { deliverParts } from "../delivery/deliver-parts.ts";
import { type AnswerRules, badAnswer, judgeAnswer } from "../delivery/judge-answer.ts";
import { post } from "../delivery/post.ts";
import { safeLink } from "../message/links.ts";
import { groupHash } from "../message/message-key.ts";
import { renderMessage } from "../message/render-message.ts";
import { goTime } from "./alertmanager-form.ts";
import type { Channel } from "./channel.ts";
import { plainUrl, secretName } from "./option-leaf.ts";
import { secretMissing, secretOf } from "./secret-of.ts";

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
  doc: "Triggers, acknowledges and resolves one PagerDuty alert for each alert (Events API v2).",
  options: Options,
  bindings: ({ routing_key }) => [routing_key],
  urls: ({ events_url }) => (events_url === undefined ? {} : { events_url }),

  async send(message, { routing_key, region, events_url }, deps) {
    const key = secretOf(deps, routing_key);
    if (key === undefined) return secretMissing(routing_key);
    const url = events_url ?? HOSTS[region];
    return deliverParts(
      pagerdutyEvents(message).map((event) => async () => {
        const answer = await post({ url, body: eventBody(event, key), readAnswer: true }, deps);
        return judgeAnswer(answer, RULES, deps.now());
      }),
    );
  },
};

/** It knows an alert by its `dedup_key`. */
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
export interface PagerDutyEvent {
  event_action: "trigger" | "acknowledge" | "resolve";
  dedup_key: string;
  payload?: Readonly<Record<string, unknown>>;
  links?: readonly { href: string; text: string }[];
  client?: string;
  client_url?: string;
}

/** More pages than this wake nobody up better: the free plan allows 50 calls, and 10 s must do. */
const MOST_EVENTS = 40;
const LONGEST_SUMMARY = 1_024;
const LONGEST_TEXT = 255;
const MOST_BODY_BYTES = 512 * 1_024;

/**
 * The events of a message: one for each alert, and one that stands for all beyond the first 40. The first are the oldest:
 * an alert that is among them once stays among them, so whoever was paged for it is told of its end.
 */
export function pagerdutyEvents(message: Message): PagerDutyEvent[] {
  const alerts = [...message.alerts].sort(byAge);
  const events = alerts.slice(0, MOST_EVENTS).map((alert) => alertEvent(alert, message));
  const rest = overflow(alerts.slice(MOST_EVENTS), message);
  return rest === undefined ? events : [...events, rest];
}

/** The first firing of the same labels and the next are two: a late resolve of the first must not end the second. */
export const dedupKey = ({ fingerprint, startsAt }: MessageAlert): string => `zako:${fingerprint}:${startsAt}`;

const byAge = (a: MessageAlert, b: MessageAlert): number =>
  a.startsAt - b.startsAt || (a.fingerprint < b.fingerprint ? -1 : 1);

/** Messages that tell of what PagerDuty has not heard of, so that there is nothing there to acknowledge yet. */
const BEGINS: ReadonlySet<Message["reason"]> = new Set(["first notification", "escalation", "drill"]);

function alertEvent(alert: MessageAlert, message: Message): PagerDutyEvent {
  const dedup_key = dedupKey(alert);
  if (alert.status === "resolved") return { event_action: "resolve", dedup_key };
  if (alert.acknowledgedBy !== undefined && !BEGINS.has(message.reason))
    return { event_action: "acknowledge", dedup_key };
  const words = renderMessage({ ...message, alerts: [alert], truncated: 0 }, 1).alerts[0];
  if (words === undefined) throw new TypeError("an alert has no words");
  const { alertname, target, probe } = alert.labels;
  const fields = { component: probe, group: target, class: alertname };
  const details = words.lines.map(({ name, text }): [string, string] => [
    name.toLowerCase().replaceAll(" ", "_"),
    text,
  ]);
  return {
    event_action: "trigger",
    dedup_key,
    payload: {
      summary: shorten(`${message.test ? "[DRILL] " : ""}${words.title}`, LONGEST_SUMMARY),
      source: line(target) || "zako-watch",
      severity: severityOf(alert.labels),
      timestamp: goTime(alert.startsAt),
      ...Object.fromEntries(
        Object.entries(fields)
          .map(([name, text]) => [name, line(text)])
          .filter(([, text]) => text !== ""),
      ),
      custom_details: {
        ...(message.test ? { drill: "nothing is wrong" } : {}),
        ...(words.description === "" ? {} : { description: words.description }),
        ...Object.fromEntries(details),
      },
    },
    links: words.links.map(({ text, url }) => ({ href: url, text })),
    ...client(message),
  };
}

const line = (text: string | undefined): string => shorten(cleanLine(text ?? ""), LONGEST_TEXT);

/** The event for alerts beyond the first; told of its end with the group's, also where there may have been none. */
function overflow(rest: readonly MessageAlert[], message: Message): PagerDutyEvent | undefined {
  const dedup_key = `zako:group:${groupHash(message)}`;
  const firing = rest.filter((alert) => alert.status === "firing");
  const count = firing.length + message.truncated;
  if (message.status === "resolved" || (rest.length > 0 && count === 0)) return { event_action: "resolve", dedup_key };
  if (count === 0) return undefined;
  if (message.reason === "acknowledged") return { event_action: "acknowledge", dedup_key };
  const { title } = renderMessage({ ...message, alerts: firing, truncated: message.truncated }, 1);
  const severities = firing.map(({ labels }) => severityOf(labels));
  const severity = SEVERITIES.find((s) => severities.includes(s)) ?? "critical";
  return {
    event_action: "trigger",
    dedup_key,
    payload: {
      summary: shorten(`${count} more alerts beyond the first ${MOST_EVENTS}: ${title}`, LONGEST_SUMMARY),
      source: "zako-watch",
      severity,
      timestamp: goTime(message.at),
      custom_details: { alerts: String(count) },
    },
    ...client(message),
  };
}

function client(message: Message): Pick<PagerDutyEvent, "client" | "client_url"> {
  const url = safeLink(message.externalUrl);
  return { client: "zako-watch", ...(url === undefined ? {} : { client_url: url }) };
}

/** The event on the wire. One that is too large goes without its details, as PagerDuty asks. */
export function eventBody(event: PagerDutyEvent, routingKey: string): string {
  const body = JSON.stringify({ routing_key: routingKey, ...event });
  if (new TextEncoder().encode(body).length <= MOST_BODY_BYTES) return body;
  const { custom_details: _, ...payload } = event.payload ?? {};
  return JSON.stringify({ routing_key: routingKey, ...event, payload });
}
