import { expect, it } from "vitest";
import { retryAfter } from "../../functions/lib/retry-after.ts";
import { spellDuration, spellTime } from "../../functions/lib/spell-time.ts";

const NOW = Date.UTC(2026, 10, 22, 12);

it.each([
  ["30", 30_000],
  [" 30 ", 30_000],
  ["86400", 900_000],
  ["99999999999999999999", 900_000],
  ["Sun, 22 Nov 2026 12:00:45 GMT", 45_000],
  ["Sun, 22 Nov 2037 12:00:45 GMT", 900_000],
  ["Sun, 22 Nov 2026 11:59:59 GMT", undefined],
  ["0", undefined],
  ["-5", undefined],
  ["1.5", undefined],
  ["2026", 900_000],
  ["soon", undefined],
  ["", undefined],
  [null, undefined],
])("reads Retry-After %s", (header, expectedMs) => {
  expect(retryAfter(header, NOW, 900_000)).toBe(expectedMs === undefined ? undefined : NOW + expectedMs);
});

it("spells stretches and moments of time", () => {
  const spelled = [0, 999, 1_000, 61_000, 3_600_000, 3_661_000, 90_061_000, -5, Number.NaN].map(spellDuration);
  expect(spelled).toEqual([
    "under 1 s",
    "under 1 s",
    "1 s",
    "1 min 1 s",
    "1 h",
    "1 h 1 min",
    "1 d 1 h",
    "under 1 s",
    "under 1 s",
  ]);
  expect([NOW, Number.NaN, 1e18].map(spellTime)).toEqual([
    "2026-11-22 12:00:00 UTC",
    "an unknown time",
    "an unknown time",
  ]);
});
