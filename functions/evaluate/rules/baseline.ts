import { MOST_VALUE } from "../../model/plausible-value.ts";

/** Exponentially weighted mean and variance of a gauge. */
export interface Baseline {
  mean: number;
  variance: number;
  samples: number;
}

/** The least deviation, as a share of the mean: a gauge that never moved would else be an anomaly when it first does. */
const LEAST_DEVIATION = 0.05;

/** The deviation used as the unit of distances. */
export const deviationOf = ({ mean, variance }: Baseline): number =>
  Math.max(Math.sqrt(variance), LEAST_DEVIATION * Math.abs(mean));

/** A single absurd value may have made a baseline that no later one can move. */
const isUsable = ({ mean, variance }: Baseline): boolean =>
  Math.abs(mean) <= MOST_VALUE && variance <= MOST_VALUE * MOST_VALUE;

/**
 * The baseline after one more value, `elapsedMs` after the last. Once there is a baseline, values are clamped to
 * `deviations`: an outage then moves it slowly, and a permanent change of level is learnt.
 */
export function learn(
  baseline: Baseline,
  value: number,
  elapsedMs: number,
  rule: { baselineMs: number; deviations: number; minSamples: number },
): Baseline {
  if (baseline.samples === 0 || !isUsable(baseline)) return { mean: value, variance: 0, samples: 1 };
  const weight = Math.max(1 - Math.exp(-elapsedMs / rule.baselineMs), 1 / (baseline.samples + 1));
  const deviation = deviationOf(baseline);
  // With a deviation of 0 (always 0 so far), clamping would prevent learning.
  const reach =
    baseline.samples < rule.minSamples || deviation === 0 ? Number.POSITIVE_INFINITY : rule.deviations * deviation;
  const step = Math.min(Math.max(value - baseline.mean, -reach), reach);
  return {
    mean: baseline.mean + weight * step,
    variance: (1 - weight) * (baseline.variance + weight * step * step),
    samples: baseline.samples + 1,
  };
}
