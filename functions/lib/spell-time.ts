import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./time-units.ts";

const UNITS: readonly (readonly [name: string, sizeMs: number])[] = [
  ["d", DAY_MS],
  ["h", HOUR_MS],
  ["min", MINUTE_MS],
  ["s", SECOND_MS],
];
/** Limit of `Date`. */
const LATEST_MS = 8.64e15;

/** Formats a duration for people with its two largest units: `4 min 12 s`. Below 1 s, and if negative: `under 1 s`. */
export function spellDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 1_000) return "under 1 s";
  const first = UNITS.findIndex(([, size]) => ms >= size);
  let left = ms;
  const words: string[] = [];
  for (const [name, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) words.push(`${count} ${name}`);
  }
  return words.join(" ");
}

/** Formats a time for people: `2026-11-22 11:49:04 UTC`. */
export function spellTime(ms: number): string {
  if (!(Math.abs(ms) <= LATEST_MS)) return "an unknown time";
  return `${new Date(ms).toISOString().slice(0, -5).replace("T", " ")} UTC`;
}
