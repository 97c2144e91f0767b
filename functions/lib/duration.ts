/** Syntax of durations: units from largest to smallest, such as `90s`, `1h30m` or `500ms`. */
export const DURATION_PATTERN = /^(?=.)([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?$/;

const UNITS_MS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
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
