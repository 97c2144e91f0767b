import { parseDuration } from "../../lib/duration.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import { UsageError } from "../command.ts";

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)$/;

/** A time as a person writes it: RFC 3339, or `+2h` from `now`. In epoch ms. */
export function readMoment(option: string, text: string, now: number): number {
  const offset = text.startsWith("+") ? parseDuration(text.slice(1)) : undefined;
  if (offset !== undefined) return now + offset;
  const at = RFC_3339.test(text) ? Date.parse(text.replace(" ", "T")) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(`${option} ${JSON.stringify(text)} is not a time; write it as 2026-11-22T03:00:00Z or +2h`);
  return at;
}

/** A duration as a person writes it, in ms. */
export function readLength(option: string, text: string): number {
  const lengthMs = parseDuration(text);
  if (lengthMs === undefined)
    throw new UsageError(`${option} ${JSON.stringify(text)} is not a duration; write it as 30m, 2h or 1d12h`);
  return lengthMs;
}

/** A time with its distance from now: `2026-11-22 05:00:00 UTC (in 2 h)`. */
export function spellMoment(at: number, now: number): string {
  const distance = spellDuration(Math.abs(at - now));
  return `${spellTime(at)} (${at > now ? `in ${distance}` : `${distance} ago`})`;
}
