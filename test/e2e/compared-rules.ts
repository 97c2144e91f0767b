import { CATALOGUE } from "../../functions/config/rules/catalogue.ts";
import type { Condition } from "../../functions/evaluate/rules/kinds/registry.ts";
import type { Rule } from "../../functions/model/alerting/rule.ts";
import { ZAKO_FAMILIES as F } from "../../functions/model/families/zako-families.ts";

const MINUTE = 60_000;

const ofKind = (name: string, condition: Condition, over: Partial<Rule> = {}): Rule => ({
  name,
  severity: "warning",
  condition,
  by: ["target"],
  forMs: 2 * MINUTE,
  keepFiringForMs: 3 * MINUTE,
  summary: "S.",
  description: "D {{ $value }}",
  runbook: "none",
  pager: "edge",
  ...over,
});

const failures = { family: "zako_v1_probe_failures_total" };
const attempts = { family: "zako_v1_probe_attempts_total" };
const queue = { family: "zako_watch_budget_written_bytes" };

/** A rule of each kind, with windows short enough for a history of some hours, beside the catalogue. */
export const RULES: readonly Rule[] = [
  ...CATALOGUE,
  ofKind("ZakoKindThreshold", { kind: "threshold", metric: queue, aggregate: "max", op: ">", value: 25 }),
  ofKind("ZakoKindThresholdAvg", {
    kind: "threshold",
    metric: { family: F.recommendedConcurrency.name },
    aggregate: "avg",
    op: "<=",
    value: 10,
  }),
  ofKind("ZakoKindQuotient", {
    kind: "quotient",
    numerator: queue,
    denominator: { family: F.recommendedConcurrency.name },
    op: ">=",
    value: 1,
  }),
  ofKind(
    "ZakoKindRatio",
    {
      kind: "ratio",
      numerator: failures,
      denominator: attempts,
      windowMs: 7 * MINUTE,
      op: ">",
      value: 0.3,
      minCount: 12,
    },
    { by: ["target", "probe"], overrides: [{ matchers: [{ name: "probe", op: "=~", value: "cas.*" }], value: 0.5 }] },
  ),
  ofKind(
    "ZakoKindRatioByVantage",
    {
      kind: "ratio",
      numerator: failures,
      denominator: attempts,
      windowMs: 20 * MINUTE,
      op: ">=",
      value: 0.2,
      minCount: 5,
    },
    {
      by: ["target", "probe", "vantage"],
      forMs: 0,
      overrides: [
        { matchers: [{ name: "team", op: "=", value: "build" }], value: 0.4, severity: "critical" },
        { matchers: [{ name: "vantage", op: "=", value: "weur" }], off: true },
      ],
    },
  ),
  ofKind("ZakoKindRatioShort", {
    kind: "ratio",
    numerator: failures,
    denominator: attempts,
    windowMs: 20 * MINUTE,
    shortWindowMs: 4 * MINUTE,
    op: ">",
    value: 0.2,
    minCount: 20,
  }),
  ofKind(
    "ZakoKindRatioGated",
    {
      kind: "ratio",
      numerator: { family: F.missingBlobs.name },
      denominator: { family: F.requestedBlobs.name },
      windowMs: 10 * MINUTE,
      op: ">",
      value: 0.1,
      minCount: 5,
      whileFailing: [{ name: "probe", op: "=", value: "health" }],
    },
    { forMs: 0 },
  ),
  ofKind(
    "ZakoKindRateGated",
    {
      kind: "rate",
      counter: failures,
      windowMs: 12 * MINUTE,
      shortWindowMs: 5 * MINUTE,
      op: ">",
      value: 2,
      whileFailing: [],
    },
    { by: ["target", "probe"], forMs: 0 },
  ),
  ofKind("ZakoKindQuantileShort", {
    kind: "quantile",
    histogram: { family: F.downloadDuration.name },
    quantile: 0.9,
    windowMs: 20 * MINUTE,
    shortWindowMs: 4 * MINUTE,
    op: ">",
    value: 1.2,
    minCount: 6,
  }),
  ofKind("ZakoKindQuantile", {
    kind: "quantile",
    histogram: { family: F.downloadDuration.name },
    quantile: 0.9,
    windowMs: 15 * MINUTE,
    op: ">",
    value: 1.7,
    minCount: 6,
  }),
  ofKind("ZakoKindQuantileCoarse", {
    kind: "quantile",
    histogram: { family: F.uploadDuration.name },
    quantile: 0.9,
    windowMs: 15 * MINUTE,
    op: ">",
    value: 0.9,
    minCount: 6,
  }),
  ofKind(
    "ZakoKindQuantileCoarseShort",
    {
      kind: "quantile",
      histogram: { family: F.uploadDuration.name },
      quantile: 0.9,
      windowMs: 20 * MINUTE,
      shortWindowMs: 4 * MINUTE,
      op: ">",
      value: 0.9,
      minCount: 6,
    },
    // As all shipped rules. With it, a scrape that sees the last values through missed minutes keeps the alert longer than we do.
    { by: ["target", "source"], keepFiringForMs: 0 },
  ),
  ofKind("ZakoKindGrowth", { kind: "growth", gauge: queue, windowMs: 10 * MINUTE, op: ">", value: 4, floor: 12 }),
  ofKind("ZakoKindRate", {
    kind: "rate",
    counter: { family: F.chunkErrors.name },
    windowMs: 6 * MINUTE,
    op: ">",
    value: 3,
  }),
  ofKind("ZakoKindRateOfSeconds", {
    kind: "rate",
    counter: { family: F.stall.name },
    windowMs: 8 * MINUTE,
    op: ">",
    value: 5,
  }),
  ofKind("ZakoKindAnomaly", {
    kind: "anomaly",
    metric: { family: F.recommendedConcurrency.name },
    baselineMs: 60 * MINUTE,
    deviations: 2,
    minSamples: 15,
  }),
  ofKind("ZakoKindBurn", {
    kind: "burn",
    errors: failures,
    total: attempts,
    objective: 0.9,
    windows: [
      { longMs: 30 * MINUTE, shortMs: 4 * MINUTE, factor: 2, minFailures: 6 },
      { longMs: 60 * MINUTE, shortMs: 10 * MINUTE, factor: 1.5, minFailures: 9 },
    ],
  }),
  ofKind("ZakoKindStaleness", {
    kind: "staleness",
    timestamp: { family: F.lastCommit.name },
    olderThanMs: 11 * MINUTE,
  }),
  ofKind("ZakoKindVerdict", { kind: "verdict", of: "probe", state: "degraded" }, { by: ["target", "probe"] }),
  ofKind("ZakoKindVerdictDown", { kind: "verdict", of: "target", state: "down" }, { forMs: 0 }),
];
