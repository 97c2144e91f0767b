import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./time-units.ts";

/** How a duration is written: units from the largest to the smallest, such as `90s`, `1h30m` or `500ms`. */
export const DURATION_PATTERN = /^(?=.)([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?$/;

const UNITS_MS = [
  ["d", DAY_MS],
  ["h", HOUR_MS],
  ["m", MINUTE_MS],
  ["s", SECOND_MS],
  ["ms", 1],
] as const;

/** Parses a duration to milliseconds; undefined if the text is invalid. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return undefined;
  return UNITS_MS.reduce((sum, [, unitMs], i) => sum + Number.parseInt(match[i + 1] ?? "0", 10) * unitMs, 0);
}

/** Formats a nonnegative whole number of milliseconds as people write it: `90_000` is `1m30s`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, unitMs] of UNITS_MS) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text === "" ? "0s" : text;
}
