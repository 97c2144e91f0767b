import { cleanLines } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";
import type { Message, MessageAlert } from "../../model/alerting/message.ts";
import { safeLink, targetLink } from "../message/links.ts";

/** An annotation is for reading; one that is longer is cut. */
const LONGEST_ANNOTATION = 4_000;
const LATEST_MS = Date.UTC(9999, 11, 31);

/** A moment that can be written in four digits of years; one that is none is the epoch. */
export const writable = (ms: number): number =>
  Number.isFinite(ms) ? Math.min(Math.max(Math.trunc(ms), 0), LATEST_MS) : 0;

/** A moment as Go prints it: RFC 3339, without zeros at the end of a fraction. */
export const goTime = (ms: number): string => new Date(writable(ms)).toISOString().replace(/\.?0+Z$/, "Z");

/** Labels as Alertmanager keeps them: those that are empty, or have no legal name, are not there. */
export const goLabels = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels)
      .filter(([name, value]) => value !== "" && /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
      .map(([name, value]) => [name, value.toWellFormed()] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Annotations, printable and of readable length. Those of a drill say so, since labels are the alert's identity. */
export function goAnnotations({ annotations }: MessageAlert, message: Message): Record<string, string> {
  const clean = Object.entries(annotations).map(([name, value]): [string, string] => [
    name,
    shorten(cleanLines(value), LONGEST_ANNOTATION),
  ]);
  const all = goLabels(Object.fromEntries(clean));
  if (!message.test) return all;
  return goLabels({ ...all, drill: "true", summary: `[DRILL] ${all["summary"] ?? "nothing is wrong"}` });
}

/** Where the alert came from; empty where the installation has no address. */
export const generatorUrl = (alert: MessageAlert, message: Message): string =>
  targetLink(message.externalUrl, alert.labels) ?? safeLink(message.externalUrl) ?? "";
