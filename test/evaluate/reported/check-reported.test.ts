import { expect, it } from "vitest";
import { checkReported } from "../../../functions/evaluate/reported/check-reported.ts";
import type { Family } from "../../../functions/model/metric.ts";
import { MOST_VALUE } from "../../../functions/model/plausible-value.ts";
import type { HistogramCounts, ReportedMetric } from "../../../functions/model/probing/reported-metric.ts";

const familyOf = (type: string, labels = ["target", "source", "pool"]): Family =>
  ({ name: "queue", help: "", type, labels }) as unknown as Family;
const COUNTER = familyOf("counter");
const GAUGE = familyOf("gauge");
const HISTOGRAM = familyOf("histogram");
const LABELS = { source: "push", pool: "build" };
const counts = (over: Partial<HistogramCounts> = {}): HistogramCounts => ({
  bounds: [0.5, 1],
  counts: [1, 0, 2],
  sum: 7,
  ...over,
});
const metric = (over: Partial<ReportedMetric> = {}): ReportedMetric => ({
  family: "queue",
  labels: LABELS,
  value: 3,
  temporality: "total",
  ...over,
});

const TAKEN: [string, ReportedMetric, Family][] = [
  ["a total of a counter", metric(), COUNTER],
  ["a delta of a counter", metric({ temporality: "delta" }), COUNTER],
  ["a counter of 0", metric({ value: 0 }), COUNTER],
  ["the most that is plausible", metric({ value: MOST_VALUE }), COUNTER],
  ["a gauge below 0", metric({ temporality: "now", value: -MOST_VALUE }), GAUGE],
  ["a histogram", metric({ value: counts() }), HISTOGRAM],
  ["a histogram without bounds", metric({ value: counts({ bounds: [], counts: [3] }) }), HISTOGRAM],
  ["a histogram with the largest plausible sum", metric({ value: counts({ sum: MOST_VALUE }) }), HISTOGRAM],
];
it.each(TAKEN)("takes %s", (_, given, family) => expect(checkReported(given, family)).toBeUndefined());

const REFUSED: [string, string, ReportedMetric, Family | undefined][] = [
  ["family", "an unknown family", metric(), undefined],
  ["family", "a family of ours alone", metric({ labels: { pool: "build" } }), familyOf("counter", ["target", "pool"])],
  ["family", "a family of the prober itself", metric(), familyOf("counter", ["source", "pool"])],
  ["labels", "too few labels", metric({ labels: { source: "push" } }), COUNTER],
  ["labels", "too many labels", metric({ labels: { ...LABELS, more: "x" } }), COUNTER],
  ["labels", "as many labels of another name", metric({ labels: { source: "push", queue: "build" } }), COUNTER],
  ["labels", "the target's label, which is not the sender's", metric({ labels: { target: "a", pool: "b" } }), COUNTER],
  ["labels", "a label that is no text", metric({ labels: { ...LABELS, pool: 1 as unknown as string } }), COUNTER],
  ["labels", "a label that is half a character", metric({ labels: { ...LABELS, pool: "\ud800" } }), COUNTER],
  ["type", "a gauge's reading of a counter", metric({ temporality: "now" }), COUNTER],
  ["type", "a total of a gauge", metric(), GAUGE],
  ["type", "states", metric({ temporality: "now" }), familyOf("stateset")],
  ["type", "a number of a histogram", metric(), HISTOGRAM],
  ["type", "buckets of a counter", metric({ value: counts() }), COUNTER],
  ["value", "no number", metric({ value: Number.NaN }), COUNTER],
  ["value", "an infinite gauge", metric({ temporality: "now", value: Number.POSITIVE_INFINITY }), GAUGE],
  ["value", "a counter below 0", metric({ value: -1 }), COUNTER],
  ["value", "a histogram's sum below 0", metric({ value: counts({ sum: -1 }) }), HISTOGRAM],
  ["value", "a histogram's sum that is no number", metric({ value: counts({ sum: Number.NaN }) }), HISTOGRAM],
  ["implausible", "a counter of 1e308", metric({ value: 1e308 }), COUNTER],
  ["implausible", "a gauge of -1e308", metric({ temporality: "now", value: -1e308 }), GAUGE],
  ["implausible", "a histogram's sum of 1e308", metric({ value: counts({ sum: 1e308 }) }), HISTOGRAM],
  ["buckets", "a count too few", metric({ value: counts({ counts: [1, 0] }) }), HISTOGRAM],
  ["buckets", "a count too many", metric({ value: counts({ counts: [1, 0, 2, 3] }) }), HISTOGRAM],
  ["buckets", "the same bound twice", metric({ value: counts({ bounds: [1, 1] }) }), HISTOGRAM],
  ["buckets", "falling bounds", metric({ value: counts({ bounds: [1, 0.5] }) }), HISTOGRAM],
  ["buckets", "an infinite bound", metric({ value: counts({ bounds: [1, Number.POSITIVE_INFINITY] }) }), HISTOGRAM],
  ["buckets", "half an observation", metric({ value: counts({ counts: [1, 0.5, 2] }) }), HISTOGRAM],
  ["buckets", "a count below 0", metric({ value: counts({ counts: [1, -1, 2] }) }), HISTOGRAM],
];
it.each(REFUSED)("refuses as `%s`: %s", (why, _, given, family) => expect(checkReported(given, family)).toBe(why));
