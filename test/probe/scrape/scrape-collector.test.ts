import fc from "fast-check";
import { expect, test } from "vitest";
import { checkReported } from "../../../functions/evaluate/reported/check-reported.ts";
import { createRenderer } from "../../../functions/expose/metrics/render.ts";
import type { Family } from "../../../functions/model/metric.ts";
import type { HistogramCounts, ReportedMetric } from "../../../functions/model/probing/reported-metric.ts";
import { ExpositionReader } from "../../../functions/probe/scrape/exposition-reader.ts";
import { ScrapeCollector } from "../../../functions/probe/scrape/scrape-collector.ts";
import { REPORTED_FAMILIES } from "../../../functions/probe/scrape/scrape-families.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";
import { wholeText } from "../../expose/metrics/whole-text.ts";

function collect(body: Uint8Array, maxSeries = 1_000) {
  const collector = new ScrapeCollector([]);
  const reader = new ExpositionReader(collector);
  reader.take(body);
  return { ...collector.finish(reader.types, maxSeries), lines: reader.lines };
}

const byName = new Map(REPORTED_FAMILIES.map((family) => [family.name, family]));
const familyOf = fc.constantFrom(...REPORTED_FAMILIES);
const count = fc.nat(1_000_000);

/** A reading of ours whose sum has no digits that could come and go. */
const metricOf = (family: Family): fc.Arbitrary<ReportedMetric> => {
  const label = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).map((text) => text.toWellFormed());
  const names = family.labels.filter((name) => name !== "target" && name !== "source");
  const labels = fc
    .array(label, { minLength: names.length, maxLength: names.length })
    .map((values) => ({ source: "scrape", ...Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""])) }));
  const numbers =
    family.type === "histogram"
      ? fc
          .array(count, { minLength: family.buckets.length + 1, maxLength: family.buckets.length + 1 })
          .chain((counts) => count.map((sum): HistogramCounts => ({ bounds: family.buckets, counts, sum })))
      : count;
  const temporality = family.type === "gauge" ? "now" : "total";
  return fc
    .record({ labels, value: numbers })
    .map((rest): ReportedMetric => ({ family: family.name, temporality, ...rest }));
};

test("rendered families are scraped again, number by number", () => {
  fc.assert(
    fc.property(fc.array(familyOf.chain(metricOf), { maxLength: 20 }), fc.boolean(), (some, openMetrics) => {
      const table = new SeriesTable(REPORTED_FAMILIES);
      table.open("a", 0);
      const expected = new Map<string, ReportedMetric>();
      for (const metric of some) {
        const key = JSON.stringify([metric.family, metric.labels]);
        if (expected.has(key)) continue;
        expected.set(key, metric);
        const { family, labels, value } = metric;
        if (typeof value === "number") table.observe("a", { family, labels, value }, 0);
        else table.addCounts("a", family, labels, value.counts, value.sum, 0);
      }
      const snapshot = { version: "1", blocks: [...table.blocks.values()] };
      const body = wholeText(createRenderer(REPORTED_FAMILIES, { openMetrics, created: false }), [snapshot]);
      const { metrics, dropped } = collect(body);
      expect(new Map(metrics.map((metric) => [JSON.stringify([metric.family, metric.labels]), metric]))).toEqual(
        expected,
      );
      expect([...dropped]).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("for any lines, the collected metrics can be counted and are within the limit, and the rest is accounted for", () => {
  const value = fc.constantFrom("1", "2.5", "NaN", "-3", "+Inf", "1e400", "0", "x");
  const le = fc.constantFrom("0.5", "1", "+Inf", "NaN", "-1", "1.0", "many");
  const name = fc.constantFrom(
    "zako_v1_engine_exceptions_total",
    "zako_v1_worker_queue_length",
    "zako_v1_worker_queue_wait_seconds_bucket",
    "zako_v1_worker_queue_wait_seconds_sum",
    "zako_v1_worker_queue_wait_seconds_count",
    "zako_v1_worker_queue_wait_seconds_created",
    "zako_v1_cas_tokens_held",
    "process_start_time_seconds",
    "other",
  );
  const label = fc.constantFrom('pool="io"', 'pool="cpu"', 'host="1"', `kind="${"k".repeat(200)}"`, 'kind="a\\nb"');
  const line = fc
    .tuple(name, fc.uniqueArray(label, { maxLength: 2, selector: (text) => text.slice(0, 4) }), fc.option(le), value)
    .map(([n, labels, bound, v]) => `${n}{${[...labels, ...(bound === null ? [] : [`le="${bound}"`])].join()}} ${v}`);
  const type = fc
    .tuple(name, fc.constantFrom("counter", "gauge", "histogram", "summary", "untyped"))
    .map(([n, t]) => `# TYPE ${n} ${t}`);
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 5, arbitrary: line }, type), { maxLength: 40 }),
      fc.nat(5),
      (lines, max) => {
        const { metrics } = collect(new TextEncoder().encode(lines.map((one) => `${one}\n`).join("")), max);
        expect(metrics.length).toBeLessThanOrEqual(max);
        const seen = new Set<string>();
        for (const metric of metrics) {
          expect(checkReported(metric, byName.get(metric.family))).toBeUndefined();
          const key = JSON.stringify([metric.family, metric.labels]);
          expect(seen.has(key)).toBe(false);
          seen.add(key);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
