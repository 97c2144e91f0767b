import { describe, expect, it } from "vitest";
import { readMoment } from "../../../functions/cli/alerting/moment.ts";

const NOW = Date.UTC(2026, 10, 22, 3);
const MINUTE = 60_000;

describe("times are read as people write them", () => {
  it.each([
    ["+2h", NOW + 120 * MINUTE],
    ["+0s", NOW],
    ["2026-11-22T03:00:00Z", NOW],
    ["2026-11-22 04:00+01:00", NOW],
    ["2026-11-22T03:00:00.5z", NOW + 500],
  ])("%s", (text, at) => expect(readMoment("--at", text, NOW)).toBe(at));

  it.each(["", "now", "2h", "+2", "2026-11-22", "2026-11-22T03:00", "2026-13-22T03:00:00Z", "1763780400"])(
    "and not %j",
    (text) => expect(() => readMoment("--at", text, NOW)).toThrow(/^--at ".*" is not a time; write it as/),
  );
});
