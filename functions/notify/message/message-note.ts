import { cleanLine } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";
import type { Message, MessageAlert, Shared } from "../../model/alerting/message.ts";
import { alertTitle } from "./message-title.ts";

/** Names that one line holds. */
const MOST_NAMES = 10;
const LONGEST_NAME = 60;

/** Why a message comes, what has changed since the last one, what its targets share, and who else knows; one line. */
export function messageNote(message: Message): string {
  if (message.test) return "Drill: nothing is wrong and nothing needs to be done.";
  const { shared, targets, alsoNotified } = message;
  return [
    message.reason === "acknowledged" ? whoHasTaken(message) : whyItComes(message),
    isUpdate(message) ? changes(message) : "",
    shared === undefined || targets < 2 || message.status === "resolved" ? "" : whatIsShared(shared),
    alsoNotified.length === 0 ? "" : `Also notified: ${names(alsoNotified)}.`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** Whether a message only says what has changed: its receiver knows the rest. */
export const isUpdate = ({ reason, alerts }: Message): boolean =>
  (reason === "new alerts added" || reason === "some alerts resolved") && alerts.some(({ news }) => news === true);

function whyItComes({ reason, status }: Message): string {
  if (reason === "escalation") return "Escalated: not acknowledged in time.";
  if (reason === "repeat interval elapsed") return "Reminder: still firing.";
  if (reason === "new alerts added") return "New alerts in this group.";
  if (reason === "some alerts resolved") return "Some alerts of this group are resolved, others are still firing.";
  return status === "resolved" ? "Resolved." : "";
}

/** `Acknowledged by Ada.` Where alerts are left: `Acknowledged by Ada: a, b. Not acknowledged: c.` */
function whoHasTaken({ alerts, truncated }: Message): string {
  const firing = alerts.filter(({ status }) => status === "firing");
  const [taken, left] = [true, false].map((isTaken) =>
    firing.filter(({ acknowledgedBy }) => (acknowledgedBy !== undefined) === isTaken),
  ) as [MessageAlert[], MessageAlert[]];
  const by = names([...new Set(taken.flatMap(({ acknowledgedBy = [] }) => acknowledgedBy))]);
  if (left.length + truncated === 0 || taken.length === 0) return `Acknowledged${by === "" ? "" : ` by ${by}`}.`;
  const rest = left.length === 0 ? "" : ` Not acknowledged: ${names(subjects(left))}.`;
  return `Acknowledged by ${by}: ${names(subjects(taken))}.${rest}`;
}

/** The targets of alerts, and what those are that have none; each once. */
const subjects = (alerts: readonly MessageAlert[]): string[] => [
  ...new Set(alerts.map((alert) => alert.labels["target"] ?? alertTitle(alert))),
];

function changes({ alerts }: Message): string {
  const news = alerts.filter((alert) => alert.news === true);
  const of = (status: MessageAlert["status"]): string[] => subjects(news.filter((alert) => alert.status === status));
  const [begun, ended] = [of("firing"), of("resolved")];
  return [begun.length === 0 ? "" : `New: ${names(begun)}.`, ended.length === 0 ? "" : `Resolved: ${names(ended)}.`]
    .filter((part) => part !== "")
    .join(" ");
}

function whatIsShared({ by, region }: Shared): string {
  if (by === "front") return "All of these targets are behind the same host.";
  if (by === "region") return `All of these targets fail from ${cleanLine(region ?? "")} only.`;
  return "These are all targets that this receiver is notified of.";
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, MOST_NAMES).map((name) => shorten(cleanLine(name), LONGEST_NAME));
  const left = all.length - shown.length;
  return `${shown.join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}
