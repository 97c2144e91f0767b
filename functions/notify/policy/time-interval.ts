import { getOrInsert } from "../../lib/get-or-insert.ts";
import type { TimeInterval, TimeSpan } from "../../model/alerting/route.ts";

/** What a clock on the wall of some zone shows. */
interface WallClock {
  minute: number;
  /** 0 = Sunday. */
  weekday: number;
  day: number;
  month: number;
  year: number;
}

type Range = { from: number; to: number };

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether the interval holds at `at` (epoch ms). Times are those of the wall clock: an hour that is skipped in spring
 * never comes, and one that is doubled in autumn comes twice.
 */
export const holds = (interval: TimeInterval, at: number): boolean =>
  interval.spans.some((span) => spanHolds(span, readClock(span.location, at)));

/** Whether the name is a zone that the platform knows, such as `Europe/Berlin`. */
export function isZone(location: string): boolean {
  try {
    format(location);
    return true;
  } catch {
    return false;
  }
}

function spanHolds(span: TimeSpan, clock: WallClock): boolean {
  const { times, weekdays, daysOfMonth, months, years } = span;
  if (times !== undefined && !times.some(({ from, to }) => clock.minute >= from && clock.minute < to)) return false;
  if (!within(weekdays, clock.weekday) || !within(months, clock.month) || !within(years, clock.year)) return false;
  if (daysOfMonth === undefined) return true;
  const last = new Date(Date.UTC(clock.year, clock.month, 0)).getUTCDate();
  const fromStart = (day: number): number => (day < 0 ? last + day + 1 : day);
  return daysOfMonth.some(({ from, to }) => clock.day >= fromStart(from) && clock.day <= fromStart(to));
}

const within = (ranges: readonly Range[] | undefined, value: number): boolean =>
  ranges === undefined || ranges.some(({ from, to }) => value >= from && value <= to);

function format(location: string): Intl.DateTimeFormat {
  return getOrInsert(
    formats,
    location,
    () =>
      new Intl.DateTimeFormat("en-US", {
        timeZone: location,
        hourCycle: "h23",
        weekday: "short",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
      }),
  );
}

function readClock(location: string, at: number): WallClock {
  const parts = Object.fromEntries(
    format(location)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: string): number => Number(parts[name]);
  return {
    minute: part("hour") * 60 + part("minute"),
    weekday: WEEKDAYS.indexOf(parts["weekday"] ?? ""),
    day: part("day"),
    month: part("month"),
    year: part("year"),
  };
}
