import { formatReason } from "../../model/probing/failure.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { BadRun, WatchEvent } from "../../model/watch-event.ts";

/** Maximum number of unsuccessful runs logged per tick: the platform keeps 256 KB of log per invocation. */
const MAX_LOGGED = 100;

/** The log line of a tick. */
export function describeTick(
  run: { slot: number; attempt: number; missed: number },
  samples: readonly Sample[],
  lost: number,
  durationMs: number,
): WatchEvent {
  const bad = samples.filter((s) => s.outcome !== "ok");
  return {
    event: "tick",
    slot: run.slot,
    attempt: run.attempt,
    runs: samples.length + lost,
    ok: samples.length - bad.length,
    lost,
    missed: run.missed,
    durationMs,
    counts: countOutcomes(bad),
    bad: bad.slice(0, MAX_LOGGED).map(describeBad),
  };
}

function countOutcomes(bad: readonly Sample[]): Extract<WatchEvent, { event: "tick" }>["counts"] {
  const counts: Partial<Record<Sample["outcome"], number>> = {};
  for (const { outcome } of bad) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function describeBad(sample: Sample): BadRun {
  const { target, probe, vantage, outcome } = sample;
  const reason = sample.failure?.reason ?? "internal";
  const step = sample.steps.find((s) => s.outcome === "failed" && s.failure?.reason === reason);
  const text = sample.failure?.message ?? formatReason[reason];
  return {
    target,
    probe,
    vantage,
    outcome,
    reason,
    text: step === undefined ? text : `${step.name}: ${text}`,
    ...(sample.failure?.hint === undefined ? {} : { hint: sample.failure.hint }),
  };
}
