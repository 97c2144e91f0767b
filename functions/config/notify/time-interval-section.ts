import * as z from "zod";
import { optional, required } from "../../lib/leaf.ts";
import type { TimeInterval, TimeSpan } from "../../model/alerting/route.ts";
import { isZone } from "../../notify/policy/windows/time-interval.ts";
import type { Issue, Path } from "../issue.ts";
import type { Read } from "../read.ts";

type Range = { from: number; to: number };

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS = [
  ...["january", "february", "march", "april", "may", "june"],
  ...["july", "august", "september", "october", "november", "december"],
];

/** A list of ranges such as `1:5` or `monday:friday`; `read` gives the number of one end, undefined where it is none. */
const ranges = (read: (text: string) => number | undefined, wrong: string, ends?: readonly [string, string]) =>
  z.array(z.union([z.string(), z.int()], { error: wrong })).transform((all, context) =>
    all.map((written, i): Range => {
      const [first = "", last = first, ...more] = String(written).toLowerCase().split(":");
      const [from, to] = [read(first.trim()), read(last.trim())];
      if (from === undefined || to === undefined || more.length > 0)
        context.addIssue({ code: "custom", path: [i], message: wrong });
      else if (from > to && Math.sign(from) === Math.sign(to === 0 ? 1 : to))
        context.addIssue({ code: "custom", path: [i], message: backwards(first.trim(), last.trim(), ends) });
      else if (from < 0 && to > 0)
        context.addIssue({
          code: "custom",
          path: [i],
          message: "starts at the end of the month and ends at its start; write two ranges",
        });
      return { from: from ?? 0, to: to ?? 0 };
    }),
  );

/** `ends`: the first and the last name of the round, where there is one to go around. */
function backwards(first: string, last: string, ends: readonly [string, string] | undefined): string {
  const what = "ends before it starts";
  if (ends === undefined) return `${what}; write the earlier one first`;
  const range = (from: string, to: string): string => (from === to ? `"${from}"` : `"${from}:${to}"`);
  return `${what}; to go around the end, write two entries: ${range(first, ends[1])} and ${range(ends[0], last)}`;
}

const number =
  (least: number, most: number) =>
  (text: string): number | undefined => {
    const value = /^-?[0-9]{1,4}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most && value !== 0 ? value : undefined;
  };

const nameOf =
  (names: readonly string[], first: number) =>
  (text: string): number | undefined => {
    const at = names.indexOf(text);
    return at < 0 ? undefined : at + first;
  };

const NO_CLOCK = "is not a time of day; write it as 09:00, up to 24:00";
/** `HH:MM` as the minute of the day. */
const clock = z
  .string({ error: NO_CLOCK })
  .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$/, NO_CLOCK)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

/** A span of `intervals`, in Alertmanager's syntax. */
export const intervalSection = z.strictObject({
  times: optional(
    z.array(
      z.strictObject({
        start_time: required(clock, { description: "Start, inclusive.", example: "22:00" }),
        end_time: required(clock, { description: "End, exclusive.", example: "24:00" }),
      }),
    ),
    { description: "Times of day. For a night, give two: until 24:00, and from 00:00." },
  ),
  weekdays: optional(
    ranges(nameOf(WEEKDAYS, 0), "is not a day of the week; write one such as monday or monday:friday", [
      "sunday",
      "saturday",
    ]),
    {
      description: "Days of the week, from sunday to saturday.",
      example: ["monday:friday"],
    },
  ),
  days_of_month: optional(
    ranges(number(-31, 31), "is not a day of the month; write one such as 1, 1:5, or -1 for the last day", ["1", "-1"]),
    { description: "Days of the month. Negative ones count from the end.", example: ["1:5", "-1"] },
  ),
  months: optional(
    ranges(
      (text) => nameOf(MONTHS, 1)(text) ?? number(1, 12)(text),
      "is not a month; write one such as may, 5 or 6:8",
      ["january", "december"],
    ),
    { description: "Months by name or number.", example: ["june:august"] },
  ),
  years: optional(ranges(number(1970, 9999), "is not a year; write one such as 2027 or 2027:2028"), {
    description: "Years.",
    example: ["2027"],
  }),
  location: optional(
    z.string().refine(isZone, { error: "is not a known time zone; write an IANA name such as Europe/Berlin" }),
    { description: "IANA time zone of the times.", default: "UTC" },
  ),
});

/** An empty list restricts nothing, as in Alertmanager. */
const orAny = <Item>(list: readonly Item[] | undefined): readonly Item[] | undefined =>
  list?.length === 0 ? undefined : list;

/** Adds an issue for an interval that never holds, and for each span that always does: it would mute for ever. */
export function checkRestricted({ name, spans }: TimeInterval, path: Path, issues: Issue[]): void {
  const hasIssue = (at: Path): boolean => issues.some((issue) => at.every((part, i) => issue.path[i] === part));
  if (spans.length === 0)
    issues.push({ path, message: "has no entry, so it never holds; give one, or remove the interval" });
  for (const [i, { location: _, ...fields }] of spans.entries())
    if (Object.keys(fields).length === 0 && !hasIssue([...path, i]))
      issues.push({
        path: [...path, i],
        message: `restricts nothing, so ${name} would hold at all times; give \`times\`, \`weekdays\`, \`days_of_month\`, \`months\` or \`years\``,
      });
}

/** Compiles the spans of one interval; `path` leads to it. Incomplete spans already have an issue and are left out. */
export function compileInterval(
  name: string,
  spans: readonly (Read<z.output<typeof intervalSection>> | undefined)[],
  path: Path,
  issues: Issue[],
): TimeInterval {
  return {
    name,
    spans: spans.flatMap((span, i): TimeSpan[] => {
      if (span === undefined) return [];
      const times = orAny(span.times)?.flatMap((one, j) => {
        if (one?.start_time === undefined || one.end_time === undefined) return [];
        const { start_time: from, end_time: to } = one;
        if (from >= to)
          issues.push({
            path: [...path, i, "times", j, "end_time"],
            message: "is not after `start_time`; for a night, give two: until 24:00, and from 00:00",
          });
        return [{ from, to }];
      });
      const all = (given: (Read<Range> | undefined)[] | undefined): Range[] | undefined =>
        orAny(given)?.flatMap((one) => (one === undefined ? [] : [{ from: one.from ?? 0, to: one.to ?? 0 }]));
      const [weekdays, daysOfMonth] = [all(span.weekdays), all(span.days_of_month)];
      const [months, years] = [all(span.months), all(span.years)];
      return [
        {
          ...(times === undefined ? {} : { times }),
          ...(weekdays === undefined ? {} : { weekdays }),
          ...(daysOfMonth === undefined ? {} : { daysOfMonth }),
          ...(months === undefined ? {} : { months }),
          ...(years === undefined ? {} : { years }),
          location: span.location ?? "UTC",
        },
      ];
    }),
  };
}
