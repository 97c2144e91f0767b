import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CHART_RANGES,
  type ChartRange,
  chartOfRollups,
  chartOfSamples,
  rangeNamed,
} from "../../../../functions/expose/pages/charts/target-chart.ts";
import { HOUR, hourRow, NOW, sample } from "./chart-world.ts";

const range = (name: string): ChartRange => rangeNamed(name);

describe("ranges", () => {
  it.each(CHART_RANGES.map((one) => [one.name, one] as const))("%s has whole steps that end with now", (_, one) => {
    const steps = chartOfSamples(one, NOW + 123_456, [], []).points.map(({ at }) => at);
    expect(steps).toHaveLength(one.lengthMs / one.stepMs);
    expect(steps.at(-1)).toBeLessThanOrEqual(NOW + 123_456);
    expect((steps.at(-1) ?? 0) + one.stepMs).toBeGreaterThan(NOW + 123_456);
    for (const [i, at] of steps.slice(1).entries()) expect(at - (steps[i] ?? 0)).toBe(one.stepMs);
  });

  it("any other name is the usual one", () => {
    for (const name of [undefined, null, "", "1y", "constructor", "<b>"]) expect(rangeNamed(name).name).toBe("24h");
  });
});

describe("a chart of single runs", () => {
  it("has percentiles that runs really had, and counts failures", () => {
    const runs = Array.from({ length: 100 }, (_, i) => sample(NOW, i + 1, { probe: `p${i}` }));
    const failed = sample(NOW, 500, { outcome: "failed", probe: "x" });
    const { points, lines } = chartOfSamples(range("1h"), NOW, [hourRow(NOW, [...runs, failed])], []);
    expect(lines).toEqual(["P50", "P95", "P99"]);
    expect(points.at(-1)).toEqual({ at: NOW, attempts: 101, failures: 1, durationsMs: [51, 96, 100] });
    expect(points[0]).toMatchObject({ attempts: 0, durationsMs: [undefined, undefined, undefined] });
  });

  it("counts a run that history and the Monitor both have once, and the Monitor's alone", () => {
    const both = sample(NOW - HOUR / 2, 10);
    const own = sample(NOW, 30);
    const { points } = chartOfSamples(range("1h"), NOW, [hourRow(NOW - HOUR, [both])], [both, own]);
    expect(points.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(2);
    expect(points.at(-1)?.durationsMs).toEqual([30, 30, 30]);
  });

  it("leaves out what was skipped or blocked, and rows without samples", () => {
    const skipped = [sample(NOW, 1, { outcome: "skipped" }), sample(NOW, 1, { outcome: "blocked", probe: "x" })];
    const rows = [hourRow(NOW, skipped), hourRow(NOW - HOUR, [], { samples: null })];
    expect(chartOfSamples(range("6h"), NOW, rows, []).points.every(({ attempts }) => attempts === 0)).toBe(true);
  });

  it("has percentiles in order, between the least and the most", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 60 }), (durations) => {
        const runs = durations.map((ms, i) => sample(NOW, ms, { probe: `p${i}` }));
        const [p50 = 0, p95 = 0, p99 = 0] =
          chartOfSamples(range("24h"), NOW, [hourRow(NOW, runs)], []).points.at(-1)?.durationsMs ?? [];
        expect(p50 <= p95 && p95 <= p99).toBe(true);
        expect(durations).toEqual(expect.arrayContaining([p50, p95, p99]));
      }),
    );
  });
});

describe("a chart of rollups", () => {
  it("has means over attempts and maxima, over owners and hours of a step", () => {
    const rows = [
      hourRow(NOW - 3 * HOUR, [], { attempts: 10, failures: 1, durationSumMs: 100, durationMaxMs: 40 }),
      hourRow(NOW - 3 * HOUR, [], { owner: "0:2", attempts: 30, failures: 0, durationSumMs: 300, durationMaxMs: 90 }),
      hourRow(NOW, [], { attempts: 10, failures: 0, durationSumMs: 600, durationMaxMs: 70 }),
    ];
    const { points, lines } = chartOfRollups(range("90d"), NOW, rows);
    expect(lines).toEqual(["mean", "maximum"]);
    expect(points.at(-1)).toMatchObject({ attempts: 50, failures: 1, durationsMs: [20, 90] });
    expect(points.at(-2)).toMatchObject({ attempts: 0, durationsMs: [undefined, undefined] });
  });
});
