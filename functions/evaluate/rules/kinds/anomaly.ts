import { durationWithin, optional, wholeNumber } from "../../../lib/leaf.ts";
import { DAY_MS, MINUTE_MS } from "../../../lib/time-units.ts";
import type { AnyCondition, Selector } from "../../../model/alerting/rule.ts";
import { deviationOf } from "../baseline.ts";
import { positive, selects } from "../condition-keys.ts";
import { joinGauges } from "../join-gauges.ts";
import { FAILS, judged, type Outcome } from "../outcome.ts";
import { once } from "../promql-terms.ts";
import type { RuleKind } from "../rule-kind.ts";

/**
 * A gauge's distance from its own exponentially weighted mean, in weighted standard deviations, or in units of 5 % of the
 * mean if those are larger: a small change of a constant gauge is not an anomaly. Its labels are `BASELINE_LABELS`.
 */
export interface AnomalyCondition extends AnyCondition {
  kind: "anomaly";
  metric: Selector;
  baselineMs: number;
  deviations: number;
  minSamples: number;
}

const keys = {
  metric: selects("The gauge.", "zako_v1_cas_active_connections"),
  baseline: optional(durationWithin(10 * MINUTE_MS, 30 * DAY_MS), {
    description: "Time over which the baseline is learnt.",
    default: "1d",
  }),
  deviations: optional(positive, {
    description: "Distance from the mean, in deviations, above which the rule holds.",
    default: 4,
  }),
  min_samples: optional(wholeNumber(2, 100_000), {
    description: "Minutes of learning before the rule is evaluated.",
    default: 60,
  }),
};

/** The value is the distance, in the gauge's own unit. */
function judgeAnomaly(value: number, mean: number, deviation: number, c: AnomalyCondition): Outcome {
  const distance = Math.abs(value - mean);
  return judged(distance > c.deviations * deviation, distance);
}

export const anomaly: RuleKind<AnomalyCondition, typeof keys> = {
  kind: "anomaly",
  doc: "A gauge is far from its own baseline.",
  keys,
  selects: { metric: "gauge" },
  make: ({ metric, baseline: baselineMs = DAY_MS, deviations = 4, min_samples: minSamples = 60 }) => ({
    kind: "anomaly",
    metric,
    baselineMs,
    deviations,
    minSamples,
  }),
  number: {
    key: "deviations",
    doc: "the number of deviations",
    schema: positive,
    text: ({ deviations }) => `${deviations}`,
    replace: (condition, deviations) => ({ ...condition, deviations }),
  },
  reads: ({ metric }) => [{ selector: metric, type: "gauge" }],
  baseline: (condition) => condition,
  bind: ({ metric }, layout) =>
    layout.each(metric, (group) => {
      const offset = layout.baselineAt(group);
      const gauge = (values: Float64Array): number => joinGauges(values, group.offsets, "sum");
      return {
        gauge,
        judge({ values, windows }, c) {
          if (offset === undefined || (windows[offset + 2] as number) < c.minSamples) return FAILS;
          const mean = windows[offset] as number;
          const deviation = deviationOf({ mean, variance: windows[offset + 1] as number, samples: 0 });
          return judgeAnomaly(gauge(values), mean, deviation, c);
        },
      };
    }),
  promql({ metric, deviations }, { rule, by, select }) {
    const value = `sum by (${by}) (${once(select(metric))})`;
    const baseline = (what: string): string => {
      const family = `zako_v1_rule_baseline_${what}`;
      return `max by (${by}) (${select({ family, matchers: [{ name: "rule", op: "=", value: rule }] })})`;
    };
    return `abs(${value} - ${baseline("mean")}) > ${deviations} * ${baseline("deviation")}`;
  },
  example: {
    condition: {
      kind: "anomaly",
      metric: { family: "zako_v1_cas_active_connections" },
      baselineMs: DAY_MS,
      deviations: 4,
      minSamples: 60,
    },
    outcomes: [
      {
        seen: "holds",
        now: { zako_v1_cas_active_connections: 19 },
        baseline: { mean: 10, variance: 4, samples: 60 },
      },
      {
        seen: "fails",
        now: { zako_v1_cas_active_connections: 18 },
        baseline: { mean: 10, variance: 4, samples: 60 },
      },
      {
        seen: "fails",
        now: { zako_v1_cas_active_connections: 19 },
        baseline: { mean: 10, variance: 4, samples: 59 },
      },
      { seen: "fails", baseline: { mean: 10, variance: 4, samples: 60 } },
    ],
  },
};
