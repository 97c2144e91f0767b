import { spellDuration } from "../../lib/spell-time.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import type { DayLevel, DayRun, Level, ShownUptime } from "./status-view.ts";

/** A sign beside the colour, for who does not see colours. */
export const SIGNS: Readonly<Record<Level, string>> = {
  up: "✓",
  maintenance: "⚒",
  unknown: "?",
  degraded: "▲",
  regional: "▲",
  down: "✕",
};

/** Rounded down, so that 100 % means no downtime at all. */
export const formatPercent = (ratio: number): string => `${Math.floor(ratio * 100_000) / 1_000} %`;

export const formatUptime = (uptime: ShownUptime | undefined): string =>
  uptime?.ratio === undefined ? "no data" : formatPercent(uptime.ratio);

/** `2026-11-22`, UTC. */
export const formatDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Words of what was on such a day. */
export const DAY_TEXT: Readonly<Record<DayLevel, string>> = {
  up: "no downtime",
  minor: "down for less than 5 % of the day",
  major: "down for 5 % of the day or more",
  planned: "in maintenance",
  none: "no data",
};

/** A run of days: its days, then what was on them. */
export function formatRun({ from, days, level, downMs }: DayRun): string {
  const last = from + (days - 1) * DAY_MS;
  const when = days === 1 ? formatDay(from) : `${formatDay(from)} to ${formatDay(last)}`;
  return `${when}: ${downMs > 0 ? `${spellDuration(downMs)} down` : DAY_TEXT[level]}`;
}

/** 38 ms, 1.24 s. */
export const formatLatency = (ms: number): string =>
  ms < 1_000 ? `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
