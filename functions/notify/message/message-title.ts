import { cleanLine } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";
import { spellDuration } from "../../lib/spell-time.ts";
import { begunAt, SEVERITIES, severityOf } from "../../model/alerting/alert.ts";
import type { Message, MessageAlert, Shared } from "../../model/alerting/message.ts";
import { formatReason, type Reason } from "../../model/probing/failure.ts";
import { formatFailure } from "./format-evidence.ts";
import { reasonText } from "./format-reason.ts";

export const LONGEST_TITLE = 200;
/** Room for what follows an alert's title. */
const LONGEST_FIRST = 150;
/** Targets that a title names. */
const MOST_TARGETS = 5;

/** What an alert is and why, in one line without its state: `cas-eu: Target is down: health: no connection (connect)`. */
export function alertTitle(alert: MessageAlert): string {
  const { alertname, target, vantage } = alert.labels;
  const summary = cleanLine(alert.annotations["summary"] ?? "").replace(/\.$/, "");
  const what = summary === "" ? cleanLine(alertname ?? "") || "unnamed alert" : summary;
  const where = [target, vantage].map((label) => cleanLine(label ?? "")).filter((label) => label !== "");
  const why = cleanLine(causeOf(alert) ?? "");
  const title = [where.join(" from "), what, why].filter((part) => part !== "").join(": ");
  return shorten(title, LONGEST_TITLE);
}

/** Why it fires: the step that opened the incident, or the reason that it states. */
function causeOf({ evidence, annotations }: MessageAlert): string | undefined {
  const step = evidence?.steps.find(({ probe }) => probe === evidence.cause) ?? evidence?.steps[0];
  if (step !== undefined) return `${step.probe}: ${formatFailure(step)}`;
  const { reason } = annotations;
  return reason !== undefined && Object.hasOwn(formatReason, reason) ? reasonText(reason) : undefined;
}

/** Worst first, then those that name a cause, then of a whole target; those that fire before those that are over. */
export function byUrgency(a: MessageAlert, b: MessageAlert): number {
  const rank = (alert: MessageAlert): number => (alert.status === "firing" ? 0 : SEVERITIES.length) + badness(alert);
  const vagueness = ({ evidence }: MessageAlert): number => (evidence?.cause === undefined ? 1 : 0);
  const part = ({ labels }: MessageAlert): number => Number(labels["probe"] !== undefined);
  return (
    rank(a) - rank(b) ||
    vagueness(a) - vagueness(b) ||
    a.startsAt - b.startsAt ||
    part(a) - part(b) ||
    (a.fingerprint < b.fingerprint ? -1 : 1)
  );
}

const badness = ({ labels }: MessageAlert): number => SEVERITIES.indexOf(severityOf(labels));

/** State and what, one line: `[FIRING critical] cas-eu: Target is down: ...`. `alerts` are sorted by urgency. */
export function messageTitle(message: Message, alerts: readonly MessageAlert[]): string {
  return shorten(`${mark(message, alerts)} ${messageSubject(message, alerts)}`, LONGEST_TITLE);
}

/** What a message is about, in one line without its state. `alerts` are sorted by urgency. */
export function messageSubject(message: Message, alerts: readonly MessageAlert[]): string {
  if (message.shared !== undefined && message.targets > 1) return sharedSubject(message, alerts, message.shared);
  const [first] = leads(message, alerts);
  if (first === undefined) {
    const group = Object.values(message.groupLabels).map(cleanLine).join(", ");
    return group === "" ? "alerts" : group;
  }
  const title = shorten(alertTitle(first), LONGEST_FIRST);
  const after = first.status === "resolved" ? `, after ${spellDuration(lastedMs([first]))}` : "";
  const more = alerts.length - 1 + message.truncated;
  return `${title}${after}${more > 0 ? ` and ${more} more` : ""}`;
}

/** The alerts that a title is about: what has ended where that is the news, what is new of a later message, else all. */
function leads(message: Message, alerts: readonly MessageAlert[]): readonly MessageAlert[] {
  if (leadsWithEnd(message, alerts)) return alerts.filter(({ status }) => status === "resolved");
  const news = alerts.filter(({ status, news }) => status === "firing" && news === true);
  return message.reason === "new alerts added" && news.length > 0 ? news : alerts;
}

/** How long alerts have lasted together, from the first that failed to the last that was good again, ms. */
export const lastedMs = (alerts: readonly MessageAlert[]): number =>
  Math.max(...alerts.map(({ startsAt, endsAt }) => endsAt ?? startsAt)) - Math.min(...alerts.map(begunAt));

/** Where something worse than all that fires has ended, or that is why the message comes, the end is the news. */
function leadsWithEnd({ status, reason }: Message, alerts: readonly MessageAlert[]): boolean {
  if (status === "resolved") return false;
  const ended = alerts.filter((alert) => alert.status === "resolved").map(badness);
  const firing = alerts.filter((alert) => alert.status === "firing").map(badness);
  return ended.length > 0 && (reason === "some alerts resolved" || Math.min(...ended) < Math.min(...firing));
}

/** Name of a worse alert that still fires for the target of a message that says that all is over; undefined: none does. */
export function worseOf({ status, alerts }: Message): string | undefined {
  const worse = alerts.flatMap(({ worseFiring = "" }) => cleanLine(worseFiring));
  return status === "resolved" ? worse.find((name) => name !== "") : undefined;
}

function mark(message: Message, alerts: readonly MessageAlert[]): string {
  const drill = message.test ? "[DRILL] " : "";
  const worse = worseOf(message);
  if (message.status === "resolved") return `${drill}[RESOLVED${worse === undefined ? "" : `, ${worse} still firing`}]`;
  const ended = alerts.filter(({ status }) => status === "resolved").length;
  const all = alerts.length + message.truncated;
  if (leadsWithEnd(message, alerts)) return `${drill}[RESOLVED ${ended} of ${all}]`;
  const taken = alerts.filter(
    ({ status, acknowledgedBy }) => status === "firing" && acknowledgedBy !== undefined,
  ).length;
  if (message.reason === "acknowledged" && taken < all - ended)
    return `${drill}[ACKNOWLEDGED ${taken} of ${all - ended}]`;
  const worst = severityOf(alerts[0]?.labels ?? {});
  const many = all - ended > 1 ? `, ${all - ended} alerts` : "";
  const state = { acknowledged: "ACKNOWLEDGED", escalation: "ESCALATED" }[message.reason as string] ?? "FIRING";
  return `${drill}[${state} ${worst}${many}]`;
}

function sharedSubject({ status, targets }: Message, alerts: readonly MessageAlert[], { cause }: Shared): string {
  const all = new Set(alerts.map(({ labels }) => cleanLine(labels["target"] ?? "")));
  const names = [...all].sort().slice(0, MOST_TARGETS);
  const left = targets - names.length;
  const list = shorten(`${names.join(", ")}${left > 0 ? ` and ${left} more` : ""}`, LONGEST_FIRST);
  const why = Object.hasOwn(formatReason, cause) ? `down, ${formatReason[cause as Reason]} (${cause})` : cause;
  // The record of an outage is that of its target; other alerts end when they are evaluated.
  const down = alerts.filter(({ labels }) => labels["alertname"] === "ZakoTargetDown");
  const lasted = lastedMs(down.length > 0 ? down : alerts);
  const after = status === "resolved" ? `, after ${spellDuration(lasted)}` : "";
  return `${targets} targets ${why}: ${list}${after}`;
}
