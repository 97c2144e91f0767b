import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import { formatReason, type Reason } from "../../model/probing/failure.ts";

/** A time with its age at the time of the message. */
export const withAge = (ms: number, at: number): string => `${spellTime(ms)} (${spellDuration(at - ms)} ago)`;

/** A reason of the closed list with its meaning; any other text unchanged. */
export function reasonText(reason: string | undefined): string | undefined {
  if (reason === undefined || !Object.hasOwn(formatReason, reason)) return reason;
  return `${formatReason[reason as Reason]} (${reason})`;
}

/** Last success as an alert states it: a time gets its age at `at` (epoch ms), other text is unchanged. */
export function formatLastSuccess(text: string | undefined, at: number): string | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT[0-9:.]+Z$/.test(text)) return text;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : withAge(ms, at);
}

/** Reason, vantages and last success of an alert at `at` (epoch ms), as phrases; empty where it states none. */
export function formatCause(annotations: Readonly<Record<string, string>>, at: number): string[] {
  const facts: [name: string, text: string | undefined][] = [
    ["reason", reasonText(annotations["reason"])],
    ["seen from", annotations["vantages"]],
    ["last success", formatLastSuccess(annotations["last_success"], at)],
  ];
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [`${name}: ${text}`]));
}
