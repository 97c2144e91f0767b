import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import { formatReason, type Reason } from "../../model/probing/failure.ts";

/** A moment, and how far it lies back at the time of the message. */
export const withAge = (ms: number, at: number): string => `${spellTime(ms)} (${spellDuration(at - ms)} ago)`;

/** A reason of the closed list in words; any other text as it is. */
export function reasonText(reason: string | undefined): string | undefined {
  if (reason === undefined || !Object.hasOwn(formatReason, reason)) return reason;
  return `${formatReason[reason as Reason]} (${reason})`;
}

/** When it was last good, as an alert says it, at `at` (epoch ms). */
export function lastGood(text: string | undefined, at: number): string | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT[0-9:.]+Z$/.test(text)) return text;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : withAge(ms, at);
}

/** What an alert says of its own cause at `at` (epoch ms), in phrases; none where it says nothing. */
export function explained(annotations: Readonly<Record<string, string>>, at: number): string[] {
  const facts: [name: string, text: string | undefined][] = [
    ["reason", reasonText(annotations["reason"])],
    ["seen from", annotations["vantages"]],
    ["last good", lastGood(annotations["last_good"], at)],
  ];
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [`${name}: ${text}`]));
}
