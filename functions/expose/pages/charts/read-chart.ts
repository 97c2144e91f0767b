import { orLate, startDeadline } from "../../../lib/deadline.ts";
import type { HistoryFailure } from "../../../store/history/history-failure.ts";
import type { TargetHour, TargetRange } from "../../../store/history/read-target-history.ts";
import { type StoredSample, unpackSamples } from "../../../store/history/sample-block.ts";
import type { ShownChart } from "./draw-chart.tsx";
import { type ChartRange, chartOfRollups, chartOfSamples } from "./target-chart.ts";

/** What the charts of a target are read from. */
export interface ChartPorts {
  charts: {
    /** Rows of D1. */
    history(
      target: string,
      range: TargetRange,
    ): Promise<{ ok: true; value: TargetHour[] } | { ok: false; failure: HistoryFailure }>;
    /** The target's runs since `from` (epoch ms) that history may lack, packed; undefined where its Monitor does not answer. */
    recent(target: string, from: number): Promise<Uint8Array | undefined>;
  };
  now(): number;
}

const TIMEOUT_MS = 3_000;

/** Reads what a chart shows; without D1, the newest runs alone. */
export async function readChart(
  { charts, now: clock }: ChartPorts,
  target: string,
  range: ChartRange,
): Promise<ShownChart> {
  const now = clock();
  const from = now - (now % range.stepMs) - range.lengthMs + range.stepMs;
  using deadline = startDeadline(TIMEOUT_MS, now);
  const [stored, recent] = await Promise.all([
    orLate(charts.history(target, { from, to: now + 1, samples: range.samples }), deadline.signal, undefined),
    range.samples ? orLate(charts.recent(target, from), deadline.signal, undefined) : undefined,
  ]);
  const rows = stored?.ok === true ? stored.value : [];
  const chart = range.samples ? chartOfSamples(range, now, rows, samplesOf(recent)) : chartOfRollups(range, now, rows);
  return { chart, isPartial: stored?.ok !== true };
}

function samplesOf(packed: Uint8Array | undefined): StoredSample[] {
  const unpacked = packed && unpackSamples(packed);
  return unpacked?.ok === true ? unpacked.samples : [];
}
