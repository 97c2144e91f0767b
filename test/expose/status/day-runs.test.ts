import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeDays } from "../../../functions/expose/status/day-runs.ts";
import { DAY, HOUR, lastDays, MINUTE, NOW, TODAY } from "./status-world.ts";

const facts = { now: NOW, count: 90, known: lastDays(90), down: [], unknown: [], planned: [] };
const levels = (runs: readonly { level: string; days: number }[]): string =>
  runs.map(({ level, days }) => `${level} ${days}`).join(", ");

describe("days", () => {
  it("without downtime are one run, and uptime is 100 %", () => {
    const { runs, uptime } = judgeDays(facts);
    expect(runs).toEqual([{ from: TODAY - 89 * DAY, days: 90, level: "up", downMs: 0 }]);
    expect(uptime.ratio).toBe(1);
  });

  it("before the first result have no data, and do not count", () => {
    const { runs, uptime } = judgeDays({ ...facts, known: lastDays(10) });
    expect(levels(runs)).toBe("none 80, up 10");
    expect(uptime.countedMs).toBe(9 * DAY + 12 * HOUR);
  });

  it.each([
    ["a minute", MINUTE, "minor"],
    ["two hours", 2 * HOUR, "major"],
  ])("with %s of downtime stand alone", (_, downMs, level) => {
    const from = TODAY - 3 * DAY + HOUR;
    const { runs, uptime } = judgeDays({ ...facts, down: [{ from, to: from + downMs }] });
    expect(levels(runs)).toBe(`up 86, ${level} 1, up 3`);
    expect(runs[1]?.downMs).toBe(downMs);
    expect(uptime.downMs).toBe(downMs);
  });

  it("with an outage over midnight share it", () => {
    const { runs } = judgeDays({ ...facts, down: [{ from: TODAY - HOUR, to: TODAY + 2 * HOUR }] });
    expect(runs.slice(-2).map(({ downMs }) => downMs)).toEqual([HOUR, 2 * HOUR]);
  });

  it("in which an outage fell within planned work are up; days of nothing but work are planned", () => {
    const day = { from: TODAY - 2 * DAY, to: TODAY - DAY };
    const down = [{ from: day.from + HOUR, to: day.from + 2 * HOUR }];
    expect(levels(judgeDays({ ...facts, down, planned: [day] }).runs)).toBe("up 87, planned 1, up 2");
    expect(levels(judgeDays({ ...facts, down, planned: down }).runs)).toBe("up 90");
  });

  it("of which nothing is known have no data, also where history has rows", () => {
    expect(levels(judgeDays({ ...facts, unknown: [{ from: TODAY - DAY, to: TODAY }] }).runs)).toBe(
      "up 88, none 1, up 1",
    );
  });

  it("always are ninety, in order, and their downtime is that of the whole", () => {
    const span = fc
      .record({ from: fc.integer({ min: NOW - 95 * DAY, max: NOW }), length: fc.integer({ min: 1, max: 3 * DAY }) })
      .map(({ from, length }) => ({ from, to: Math.min(from + length, NOW) }));
    const spans = fc.array(span, { maxLength: 4 });
    fc.assert(
      fc.property(spans, spans, spans, fc.integer({ min: 0, max: 90 }), (down, unknown, planned, days) => {
        const { runs, uptime } = judgeDays({ ...facts, known: lastDays(days), down, unknown, planned });
        expect(runs.reduce((sum, run) => sum + run.days, 0)).toBe(90);
        let at = TODAY - 89 * DAY;
        for (const run of runs) {
          expect(run.from).toBe(at);
          at += run.days * DAY;
          if (run.downMs > 0) expect(run.days).toBe(1);
        }
        expect(runs.reduce((sum, run) => sum + run.downMs, 0)).toBe(uptime.downMs);
      }),
      { numRuns: 200 },
    );
  });
});
