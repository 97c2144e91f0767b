import { uptimeOf } from "../../evaluate/verdict/uptime.ts";
import type { Span } from "../../lib/time-spans.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import type { DayLevel, DayRun, ShownUptime } from "./status-view.ts";

/** What days are judged from. Spans in any order. */
export interface DayFacts {
  /** Epoch ms. */
  now: number;
  /** How many UTC days, today included. */
  count: number;
  /** Starts of the days with results. */
  known: ReadonlySet<number>;
  down: readonly Span[];
  /** Times in which nothing was known. */
  unknown: readonly Span[];
  planned: readonly Span[];
}

/** A day with less uptime than this is `major`. */
const MINOR_RATIO = 0.95;

/** Judges each day, the oldest first, and joins days that were alike; and the uptime over all of them. */
export function judgeDays(facts: DayFacts): { runs: DayRun[]; uptime: ShownUptime } {
  const { now, count, known, down, unknown, planned } = facts;
  const today = now - (now % DAY_MS);
  const runs: DayRun[] = [];
  const gaps: Span[] = [];
  for (let back = count - 1; back >= 0; back--) {
    const from = today - back * DAY_MS;
    const span = { from, to: Math.min(from + DAY_MS, now) };
    const day = judgeDay(span, known.has(from), { down: within(down, span), unknown, planned });
    if (day.level === "none") gaps.push(span);
    const last = runs.at(-1);
    const isLike = last !== undefined && last.level === day.level && last.downMs === 0 && day.downMs === 0;
    if (isLike) last.days++;
    else runs.push({ from, days: 1, ...day });
  }
  const span = { from: today - (count - 1) * DAY_MS, to: now };
  return { runs, uptime: uptimeOf({ span, watchedSince: span.from, down, unknown: [...unknown, ...gaps], planned }) };
}

/** An incident proves that a day was watched, whatever history has. */
function judgeDay(
  span: Span,
  isKnown: boolean,
  { down, unknown, planned }: Pick<DayFacts, "down" | "unknown" | "planned">,
): { level: DayLevel; downMs: number } {
  if (!isKnown && down.length === 0) return { level: "none", downMs: 0 };
  const around = { unknown: within(unknown, span), planned: within(planned, span) };
  if (down.length + around.unknown.length + around.planned.length === 0) return { level: "up", downMs: 0 };
  const { ratio, downMs } = uptimeOf({ span, watchedSince: span.from, down, ...around });
  if (ratio === undefined) return { level: around.planned.length > 0 ? "planned" : "none", downMs: 0 };
  if (downMs === 0) return { level: "up", downMs: 0 };
  return { level: ratio >= MINOR_RATIO ? "minor" : "major", downMs };
}

const within = (spans: readonly Span[], { from, to }: Span): Span[] =>
  spans.filter((one) => one.from < to && one.to > from);
