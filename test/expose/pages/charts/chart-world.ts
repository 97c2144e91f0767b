import type { TargetHour } from "../../../../functions/store/history/read-target-history.ts";
import type { StoredSample } from "../../../../functions/store/history/sample-block.ts";
import { SampleBlockWriter } from "../../../../functions/store/history/sample-block.ts";

export const HOUR = 3_600_000;
export const NOW = Date.UTC(2026, 10, 22, 3);

export const sample = (slot: number, durationMs: number, over: Partial<StoredSample> = {}): StoredSample => ({
  target: "cas-eu",
  probe: "health",
  vantage: "local",
  slot,
  attempt: 0,
  startedAt: slot,
  durationMs,
  outcome: "ok",
  ...over,
});

export function packed(samples: readonly StoredSample[]): Uint8Array {
  const block = new SampleBlockWriter();
  for (const one of samples) block.add(one);
  return block.finish();
}

/** A row of an hour with these samples. */
export const hourRow = (
  hour: number,
  samples: readonly StoredSample[],
  over: Partial<TargetHour> = {},
): TargetHour => ({
  hour,
  owner: "0:1",
  attempts: samples.length,
  failures: samples.filter(({ outcome }) => outcome === "failed").length,
  durationSumMs: samples.reduce((sum, { durationMs }) => sum + durationMs, 0),
  durationMaxMs: Math.max(0, ...samples.map(({ durationMs }) => durationMs)),
  samples: packed(samples),
  ...over,
});
