import { cleanLine, cleanLines } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import { SEVERITIES, type Severity } from "../../model/alerting/alert.ts";
import type { Message, MessageAlert } from "../../model/alerting/message.ts";
import { formatLastSuccess, reasonText, withAge } from "./format-reason.ts";
import { safeLink, silenceLink, targetLink } from "./links.ts";

/** A fact of an alert, in one line. */
export interface Line {
  name: string;
  text: string;
}

export interface Link {
  text: string;
  url: string;
}

/** The words of one alert. Nothing is escaped, everything is printable and short enough to read. */
export interface AlertText {
  /** What: one line. */
  title: string;
  /** The rule's own sentences; may have several lines, may be empty. */
  description: string;
  lines: readonly Line[];
  links: readonly Link[];
}

/** The words of a message; channels only lay them out. */
export interface MessageText {
  /** State and what, one line: `[FIRING critical] cas-eu: Zako endpoint is down`. */
  title: string;
  /** Why this message comes, and what it asks of the reader; one line. */
  note: string;
  /** Sets the colour. */
  tone: "resolved" | "drill" | Severity;
  /** Worst first; those that fire before those that are over. */
  alerts: readonly AlertText[];
  /** Alerts beyond `most`, and those left out before. */
  left: number;
  /** One line about them, empty where there are none. */
  more: string;
}

const LONGEST_TITLE = 200;
const LONGEST_DESCRIPTION = 1_000;
const LONGEST_LINE = 300;

/** Labels that the title and the other lines show already. */
const SHOWN_LABELS: readonly string[] = ["alertname", "severity", "target", "vantage", "reason", "pager"];

/**
 * Puts a message into words for somebody who has just been woken up. Of an alert's annotations it reads `summary`,
 * `description`, `reason`, `vantages`, `value`, `threshold`, `last_success` (a sentence or an ISO time) and `runbook_url`;
 * each may be missing. All depends on the message alone, so that a second try says the same. At most `most` alerts.
 */
export function renderMessage(message: Message, most: number): MessageText {
  const alerts = [...message.alerts].sort(byUrgency);
  const shown = alerts.slice(0, most);
  const left = alerts.length - shown.length + message.truncated;
  const firing = alerts.filter((alert) => alert.status === "firing");
  const worst = severityOf((firing[0] ?? alerts[0])?.labels["severity"]);
  return {
    title: shorten(`${mark(message, firing.length, worst)} ${subject(message, alerts)}`, LONGEST_TITLE),
    note: note(message),
    tone: message.test ? "drill" : message.status === "resolved" ? "resolved" : worst,
    alerts: shown.map((alert) => renderAlert(alert, message)),
    left,
    more: left === 0 ? "" : `and ${left} more ${left === 1 ? "alert" : "alerts"} not listed`,
  };
}

/** The severity that a label names; one that it does not know is as bad as can be, so that nobody sleeps through it. */
export const severityOf = (label: string | undefined): Severity =>
  SEVERITIES.find((severity) => severity === label) ?? "critical";

/** What an alert is, in one line without its state. */
export function alertTitle(alert: MessageAlert): string {
  const { alertname, target, vantage } = alert.labels;
  const summary = cleanLine(alert.annotations["summary"] ?? "").replace(/\.$/, "");
  const what = summary === "" ? cleanLine(alertname ?? "") || "unnamed alert" : summary;
  const where = [target, vantage].map((label) => cleanLine(label ?? "")).filter((label) => label !== "");
  return shorten(where.length === 0 ? what : `${where.join(" from ")}: ${what}`, LONGEST_TITLE);
}

function byUrgency(a: MessageAlert, b: MessageAlert): number {
  const rank = ({ status, labels }: MessageAlert): number =>
    (status === "firing" ? 0 : SEVERITIES.length) + SEVERITIES.indexOf(severityOf(labels["severity"]));
  return rank(a) - rank(b) || a.startsAt - b.startsAt || (a.fingerprint < b.fingerprint ? -1 : 1);
}

function mark(message: Message, firing: number, worst: Severity): string {
  const drill = message.test ? "[DRILL] " : "";
  if (message.status === "resolved") return `${drill}[RESOLVED]`;
  const many = firing + message.truncated > 1 ? `, ${firing + message.truncated} alerts` : "";
  const state = { acknowledged: "ACKNOWLEDGED", escalation: "ESCALATED" }[message.reason as string] ?? "FIRING";
  return `${drill}[${state} ${worst}${many}]`;
}

function subject(message: Message, alerts: readonly MessageAlert[]): string {
  const [first, ...others] = alerts;
  if (first === undefined) {
    const group = Object.values(message.groupLabels).map(cleanLine).join(", ");
    return group === "" ? "alerts" : group;
  }
  const more = others.length + message.truncated;
  if (more > 0) return `${shorten(alertTitle(first), 150)} and ${more} more`;
  return first.status === "resolved" ? `${shorten(alertTitle(first), 150)}, after ${lasted(first)}` : alertTitle(first);
}

function note(message: Message): string {
  if (message.test) return "Drill: nothing is wrong and nothing needs to be done.";
  const { reason } = message;
  if (reason === "escalation") return "Escalated: not acknowledged in time.";
  if (reason === "repeat interval elapsed") return "Reminder: still firing.";
  if (reason === "acknowledged") return "Acknowledged: somebody is working on it.";
  if (reason === "new alerts added") return "New alerts in this group.";
  if (reason === "some alerts resolved") return "Some alerts of this group are resolved, others are still firing.";
  return message.status === "resolved" ? "Resolved." : "";
}

const lasted = ({ startsAt, endsAt }: MessageAlert): string => spellDuration((endsAt ?? startsAt) - startsAt);

function renderAlert(alert: MessageAlert, message: Message): AlertText {
  const { labels, annotations } = alert;
  const firing = alert.status === "firing";
  const lines: [name: string, text: string | undefined][] = [
    ["State", firing ? undefined : "resolved"],
    ["Severity", labels["severity"]],
    ["Since", firing ? withAge(alert.startsAt, message.at) : undefined],
    [
      "Lasted",
      firing
        ? undefined
        : `${lasted(alert)}, from ${spellTime(alert.startsAt)} to ${spellTime(alert.endsAt ?? message.at)}`,
    ],
    ["Reason", reasonText(annotations["reason"] ?? labels["reason"])],
    ["Seen from", annotations["vantages"] ?? labels["vantage"]],
    ["Checked again", firing ? annotations["checked_again"] : undefined],
    ["Value", valueText(annotations["value"], annotations["threshold"])],
    ["Last success", firing ? formatLastSuccess(annotations["last_success"], message.at) : undefined],
    ["Acknowledged by", alert.acknowledgedBy],
    ["Labels", otherLabels(alert)],
  ];
  const silence = firing ? silenceLink(message.externalUrl, labels) : undefined;
  const links: [text: string, url: string | undefined][] = [
    ["Runbook", safeLink(annotations["runbook_url"])],
    ["Open", targetLink(message.externalUrl, labels)],
    ["Silence", silence],
  ];
  return {
    title: alertTitle(alert),
    description: shorten(cleanLines(annotations["description"] ?? ""), LONGEST_DESCRIPTION),
    lines: lines.flatMap(([name, text]) => {
      const clean = shorten(cleanLine(text ?? ""), LONGEST_LINE);
      return clean === "" ? [] : [{ name, text: clean }];
    }),
    links: links.flatMap(([text, url]) => (url === undefined ? [] : [{ text, url }])),
  };
}

function valueText(value: string | undefined, threshold: string | undefined): string | undefined {
  if (value === undefined || threshold === undefined) return value ?? (threshold && `threshold ${threshold}`);
  return `${value}; threshold ${threshold}`;
}

const otherLabels = ({ labels }: MessageAlert): string =>
  ["alertname", ...Object.keys(labels).sort()]
    .filter((name, i) => (i === 0 || !SHOWN_LABELS.includes(name)) && (labels[name] ?? "") !== "")
    .map((name) => `${name}=${shorten(labels[name] ?? "", LONGEST_LINE)}`)
    .join(", ");
