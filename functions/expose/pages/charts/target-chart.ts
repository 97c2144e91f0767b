import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../lib/time-units.ts";
import { mergeSamples, type OwnedSamples } from "../../../store/history/merge-samples.ts";
import type { TargetHour } from "../../../store/history/read-target-history.ts";
import type { StoredSample } from "../../../store/history/sample-block.ts";

/** A stretch of time that can be looked at. `samples`: from single runs, otherwise from hourly rollups. */
export interface ChartRange {
  name: string;
  lengthMs: number;
  stepMs: number;
  samples: boolean;
}

/** Single runs are read for a week at most: a longer stretch would be megabytes. */
export const CHART_RANGES: readonly ChartRange[] = [
  { name: "1h", lengthMs: HOUR_MS, stepMs: 2 * MINUTE_MS, samples: true },
  { name: "6h", lengthMs: 6 * HOUR_MS, stepMs: 10 * MINUTE_MS, samples: true },
  { name: "24h", lengthMs: DAY_MS, stepMs: 30 * MINUTE_MS, samples: true },
  { name: "7d", lengthMs: 7 * DAY_MS, stepMs: 3 * HOUR_MS, samples: true },
  { name: "30d", lengthMs: 30 * DAY_MS, stepMs: 12 * HOUR_MS, samples: false },
  { name: "90d", lengthMs: 90 * DAY_MS, stepMs: DAY_MS, samples: false },
];
const DEFAULT_RANGE = "24h";

/** The range of a query parameter; the usual one for anything else. */
export const rangeNamed = (name: string | null | undefined): ChartRange =>
  (CHART_RANGES.find((one) => one.name === name) ??
    CHART_RANGES.find((one) => one.name === DEFAULT_RANGE)) as ChartRange;

/** The runs of one step of time. `durationsMs` belong to the names of the chart; undefined without a run. */
export interface ChartPoint {
  /** Start, epoch ms. */
  at: number;
  attempts: number;
  failures: number;
  durationsMs: readonly (number | undefined)[];
}

/** Latency and success over time. */
export interface Chart {
  range: ChartRange;
  /** Names of the lines, such as P50. */
  lines: readonly string[];
  points: readonly ChartPoint[];
}

/** The steps of a range that ends with the step of `now`, epoch ms. */
export function stepsOf({ lengthMs, stepMs }: ChartRange, now: number): number[] {
  const last = now - (now % stepMs);
  const count = lengthMs / stepMs;
  return Array.from({ length: count }, (_, i) => last - (count - 1 - i) * stepMs);
}

const QUANTILES = [0.5, 0.95, 0.99] as const;

/** Draws single runs: of D1, and of the Monitor's hours that are not closed yet, which it knows best. */
export function chartOfSamples(
  range: ChartRange,
  now: number,
  stored: readonly OwnedSamples[],
  recent: readonly StoredSample[],
): Chart {
  const keyOf = ({ probe, vantage, slot, attempt }: StoredSample): string => `${slot} ${attempt} ${vantage} ${probe}`;
  const all = new Map([...mergeByOwner(stored), ...recent].map((sample) => [keyOf(sample), sample]));
  const byStep = Map.groupBy(all.values(), ({ slot }) => slot - (slot % range.stepMs));
  const points = stepsOf(range, now).map((at): ChartPoint => {
    const runs = (byStep.get(at) ?? []).filter(({ outcome }) => outcome !== "skipped" && outcome !== "blocked");
    const durations = runs.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
    return {
      at,
      attempts: runs.length,
      failures: runs.filter(({ outcome }) => outcome === "failed").length,
      durationsMs: QUANTILES.map((q) => durations[Math.max(0, Math.ceil(q * durations.length) - 1)]),
    };
  });
  return { range, lines: ["P50", "P95", "P99"], points };
}

const mergeByOwner = (stored: readonly OwnedSamples[]): StoredSample[] =>
  mergeSamples(stored.filter(({ samples }) => samples !== null)).samples;

/** Draws hourly rollups: they have sums, so there are means and maxima and no percentiles. */
export function chartOfRollups(range: ChartRange, now: number, rows: readonly TargetHour[]): Chart {
  const byStep = Map.groupBy(rows, ({ hour }) => hour - (hour % range.stepMs));
  const points = stepsOf(range, now).map((at): ChartPoint => {
    const hours = byStep.get(at) ?? [];
    const sum = (of: (row: TargetHour) => number): number => hours.reduce((total, row) => total + of(row), 0);
    const attempts = sum((row) => row.attempts);
    return {
      at,
      attempts,
      failures: sum((row) => row.failures),
      durationsMs:
        attempts === 0
          ? [undefined, undefined]
          : [sum((row) => row.durationSumMs) / attempts, Math.max(...hours.map((row) => row.durationMaxMs))],
    };
  });
  return { range, lines: ["mean", "maximum"], points };
}
