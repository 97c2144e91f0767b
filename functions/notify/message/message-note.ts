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
    whyItComes(message),
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
  if (reason === "acknowledged") return "Acknowledged: somebody is working on it.";
  if (reason === "new alerts added") return "New alerts in this group.";
  if (reason === "some alerts resolved") return "Some alerts of this group are resolved, others are still firing.";
  return status === "resolved" ? "Resolved." : "";
}

function changes({ alerts }: Message): string {
  const news = alerts.filter((alert) => alert.news === true);
  const of = (status: MessageAlert["status"]): string[] => [
    ...new Set(
      news.filter((alert) => alert.status === status).map((alert) => alert.labels["target"] ?? alertTitle(alert)),
    ),
  ];
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
