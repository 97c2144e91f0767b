import { getOrInsert } from "../../../lib/get-or-insert.ts";
import { joined, type Span } from "../../../lib/time-spans.ts";
import { DAY_MS, MINUTE_MS } from "../../../lib/time-units.ts";
import type { TimeInterval, TimeSpan } from "../../../model/alerting/route.ts";

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

/** A change that is further away than a leap year is not looked for. */
const FURTHEST_MS = 366 * DAY_MS;

/** What was found last, good from a moment on and until another. */
const known = new WeakMap<TimeInterval, { from: number; to: number; next: number | undefined }>();

/**
 * When the interval next begins to hold or ceases to, after `at`; both epoch ms. Undefined where that is more than a year
 * away, or never.
 */
export function nextChange(interval: TimeInterval, at: number): number | undefined {
  const last = known.get(interval);
  if (last !== undefined && at >= last.from && at < last.to) return last.next;
  const isHolding = holds(interval, at);
  let bound = at;
  do bound = nextBound(interval, bound);
  while (bound - at <= FURTHEST_MS && holds(interval, bound) === isHolding);
  const next = bound - at <= FURTHEST_MS ? bound : undefined;
  // What is not found within a year may come after it: looked for again in a day.
  known.set(interval, { from: at, to: next ?? at + DAY_MS, next });
  return next;
}

/** The parts of a stretch of time in which the interval holds, in order. */
export function spansOf(interval: TimeInterval, { from, to }: Span): Span[] {
  const found: Span[] = [];
  for (let at = from; at < to; ) {
    const next = Math.min(to, nextBound(interval, at));
    if (holds(interval, at)) found.push({ from: at, to: next });
    at = next;
  }
  return joined(found);
}

/** The next moment after `at` at which one of the spans may begin or end; Infinity for no spans. */
const nextBound = ({ spans }: TimeInterval, at: number): number =>
  Math.min(...spans.map(({ times = [], location }) => boundOf(times, location, at)));

function boundOf(times: readonly Range[], location: string, at: number): number {
  const start = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const { minute } = readClock(location, start);
  const marks = times.flatMap(({ from, to }) => [from, to]).filter((mark) => mark > minute);
  const bound = start + (Math.min(DAY_MINUTES, ...marks) - minute) * MINUTE_MS;
  // Where the clocks change before that, all may be otherwise from then on.
  const offset = offsetAt(location, start);
  if (offsetAt(location, bound) === offset) return bound;
  let [before, after] = [start, bound];
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / MINUTE_MS / 2) * MINUTE_MS;
    if (offsetAt(location, middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

const DAY_MINUTES = 1440;

/** How far the wall clock is ahead of UTC at a full minute, ms. */
function offsetAt(location: string, at: number): number {
  const { year, month, day, minute } = readClock(location, at);
  return Date.UTC(year, month - 1, day, 0, minute) - at;
}

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
