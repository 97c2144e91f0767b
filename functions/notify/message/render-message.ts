import { cleanLine, cleanLines } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import { begunAt, type Severity, severityOf } from "../../model/alerting/alert.ts";
import type { Message, MessageAlert } from "../../model/alerting/message.ts";
import { formatEvidence } from "./format-evidence.ts";
import { formatLastSuccess, reasonText, withAge } from "./format-reason.ts";
import { safeLink, silenceLink, targetLink } from "./links.ts";
import { isUpdate, messageNote } from "./message-note.ts";
import { alertTitle, byUrgency, lastedMs, messageSubject, messageTitle, worseOf } from "./message-title.ts";

/** A fact of an alert, in one line. */
interface Line {
  name: string;
  text: string;
}

interface Link {
  text: string;
  url: string;
}

/** The words of one alert. Nothing is escaped, everything is printable and short enough to read. */
export interface AlertText {
  /** What: one line; empty where the description is that of a template. */
  title: string;
  /** The rule's own sentences while it fires; may have several lines, may be empty. */
  description: string;
  lines: readonly Line[];
  links: readonly Link[];
}

/** The words of a message; channels only lay them out. */
export interface MessageText {
  /** State and what, one line: `[FIRING critical] cas-eu: Zako endpoint is down`. */
  title: string;
  /** What without the state. */
  subject: string;
  /** Why this message comes, what has changed, and who else knows; one line. */
  note: string;
  /** Sets the colour. */
  tone: "resolved" | "drill" | Severity;
  /** Worst first; those that fire before those that are over. Of a later message, those that have changed. */
  alerts: readonly AlertText[];
  /** Alerts beyond `most`, and those left out before. */
  left: number;
  /** One line about them, empty where there are none. */
  more: string;
  /** One line about alerts that fire as they did before, empty where there are none or all are shown. */
  unchanged: string;
}

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
  const detailed = alerts.filter((alert) => isDetailed(alert, message));
  const shown = detailed.slice(0, most);
  // Where only who is at work has changed, no alert is missing.
  const isTaken = message.reason === "acknowledged";
  const left = isTaken ? 0 : detailed.length - shown.length + message.truncated;
  const known = alerts.filter((alert) => alert.status === "firing" && !detailed.includes(alert)).length;
  const unchanged = known + (isTaken ? message.truncated : 0);
  const worst = severityOf(alerts[0]?.labels ?? {});
  const subject = message.title ?? messageSubject(message, alerts);
  return {
    title: message.title === undefined ? messageTitle(message, alerts) : ownTitle(message, message.title),
    subject,
    note: messageNote(message),
    tone: toneOf(message, worst),
    alerts: shown.map((alert) => renderAlert(alert, message)),
    left,
    more: left === 0 ? "" : `and ${left} more ${left === 1 ? "alert" : "alerts"} not listed`,
    unchanged:
      unchanged === 0 ? "" : `${unchanged} ${unchanged === 1 ? "alert is" : "alerts are"} still firing, unchanged`,
    ...(message.text === undefined ? {} : ownText(message, message.text, shown[0])),
  };
}

function toneOf(message: Message, worst: Severity): MessageText["tone"] {
  if (message.test) return "drill";
  if (message.status === "firing") return worst;
  // Green would say that all is well.
  return worseOf(message) === undefined ? "resolved" : "warning";
}

/** Whether a message says all of an alert: a later one only of what has changed, and its note says who has taken it on. */
function isDetailed({ news }: MessageAlert, message: Message): boolean {
  if (message.reason === "acknowledged") return false;
  return !isUpdate(message) || news === true;
}

/** A title of a template. That a drill is one is not the template's to leave out. */
const ownTitle = ({ test }: Message, title: string): string => (test ? `[DRILL] ${title}` : title);

/** The text of a template, with the links of the worst alert. */
const ownText = (
  message: Message,
  description: string,
  first: MessageAlert | undefined,
): Pick<MessageText, "alerts" | "left" | "more" | "unchanged"> => ({
  alerts: [{ title: "", description, lines: [], links: first === undefined ? [] : renderAlert(first, message).links }],
  left: 0,
  more: "",
  unchanged: "",
});

function renderAlert(alert: MessageAlert, message: Message): AlertText {
  const { labels, annotations } = alert;
  const firing = alert.status === "firing";
  const lines: [name: string, text: string | undefined][] = [
    ["State", firing ? undefined : "resolved"],
    ["Still firing", alert.worseFiring && `${alert.worseFiring} of the same target`],
    ["Severity", labels["severity"]],
    ["Since", firing ? withAge(begunAt(alert), message.at) : undefined],
    [
      "Lasted",
      firing
        ? undefined
        : `${spellDuration(lastedMs([alert]))}, from ${spellTime(begunAt(alert))} to ${spellTime(alert.endsAt ?? message.at)}`,
    ],
    ...(alert.evidence === undefined
      ? [["Reason", reasonText(annotations["reason"] ?? labels["reason"])] as [string, string | undefined]]
      : []),
    ...formatEvidence(alert.evidence).filter(([name]) => firing || name === "Failing step"),
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
    // It says what is so now, which is no longer true of what is over.
    description: firing ? shorten(cleanLines(annotations["description"] ?? ""), LONGEST_DESCRIPTION) : "",
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
  Object.keys(labels)
    .sort()
    .filter((name) => !SHOWN_LABELS.includes(name) && labels[name] !== "")
    .map((name) => `${name}=${shorten(labels[name] ?? "", LONGEST_LINE)}`)
    .join(", ");
