import { gapReasonOf } from "../../model/probing/gap.ts";
import type { Sample } from "../../model/probing/sample.ts";
import { EXEMPLAR_FAMILY } from "../../model/snapshot.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";

/** Adds a sample to its target's series: first what all kinds share, then what its kind measured. */
export function countSample(table: SeriesTable, sample: Sample): void {
  const { target, probe, vantage } = sample;
  const endedAt = sample.startedAt + sample.durationMs;
  const labels = { probe, vantage };
  const see = (family: string, of: Record<string, string>, value: number): void =>
    table.observe(target, { family, labels: of, value }, endedAt);

  if (sample.outcome === "blocked") {
    see("zako_v1_probe_blocked_total", labels, 1);
    return;
  }
  const reason = sample.failure?.reason ?? "internal";
  const isGap = gapReasonOf(sample) !== undefined;
  // `countGaps` counts the gap; its measurements up to then still count.
  if (!isGap) see("zako_v1_probe_attempts_total", labels, 1);
  if (sample.outcome === "skipped" && !isGap) see("zako_v1_probe_skips_total", { ...labels, reason }, 1);
  else if (!isGap) {
    const failed = sample.outcome === "failed";
    see("zako_v1_probe_success", labels, failed ? 0 : 1);
    see("zako_v1_probe_last_run_timestamp_seconds", labels, endedAt / 1000);
    see("zako_v1_probe_duration_seconds", { probe }, sample.durationMs / 1000);
    if (!failed) see("zako_v1_probe_last_success_timestamp_seconds", labels, endedAt / 1000);
    else {
      see("zako_v1_probe_failures_total", labels, 1);
      see("zako_v1_probe_failures_by_reason_total", { ...labels, reason }, 1);
    }
    keepExemplar(table, sample, endedAt);
  }
  for (const step of sample.steps) {
    if (step.outcome !== "skipped")
      see("zako_v1_probe_step_duration_seconds", { probe, step: step.name }, step.durationMs / 1000);
    if (step.outcome === "failed")
      see(
        "zako_v1_probe_step_failures_total",
        { probe, step: step.name, reason: step.failure?.reason ?? "internal" },
        1,
      );
  }
  for (const o of sample.observations) table.observe(target, o, endedAt);
}

function keepExemplar(table: SeriesTable, sample: Sample, endedAt: number): void {
  const { block, offset } = table.at(sample.target, EXEMPLAR_FAMILY, { probe: sample.probe }, endedAt);
  const part = (i: number): number => Number.parseInt(sample.traceId.slice(i * 8, i * 8 + 8), 16);
  block.values.set([part(0), part(1), part(2), part(3), sample.durationMs / 1000, endedAt], offset);
}
