import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { mapMetrics } from "../../../functions/expose/push/map-metrics.ts";
import { type PushBatch, pushableByName } from "../../../functions/model/probing/push.ts";
import type { ImportedFamily } from "../../../functions/model/probing/reported-metric.ts";
import { ExportMetricsServiceRequestSchema as Metrics } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import {
  AggregationTemporality,
  type MetricSchema,
  type NumberDataPointSchema,
} from "../../../proto/gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { gauge } from "./otlp-samples.ts";
import { attribute, BEGAN, counter, exportOf, nanos } from "./push-world.ts";

type MetricInit = MessageInitShape<typeof MetricSchema>;
type Point = MessageInitShape<typeof NumberDataPointSchema>;

const IMPORT: ImportedFamily = {
  family: { name: "queue_depth", type: "gauge", help: "Depth.", labels: ["target", "source", "queue", "host_name"] },
  from: "acme_queue_depth",
};

const map = (metrics: MetricInit[], imports: ImportedFamily[] = []): PushBatch =>
  mapMetrics(create(Metrics, exportOf(metrics)), pushableByName(imports)).batch();
const intOf = (value: bigint) => ({ value: { case: "intValue" as const, value } });
const notified = (batch: PushBatch) =>
  batch.metrics.map(({ metric: { family, labels, value, temporality, since }, points }) => ({
    family,
    labels,
    value,
    temporality,
    since,
    points,
  }));

const histogram = (over: object = {}, temporality = AggregationTemporality.CUMULATIVE): MetricInit => ({
  name: "zako.v1.worker.queue_wait",
  unit: "s",
  data: {
    case: "histogram",
    value: {
      aggregationTemporality: temporality,
      dataPoints: [
        {
          startTimeUnixNano: nanos(BEGAN),
          timeUnixNano: nanos(BEGAN + 5),
          count: 6n,
          sum: 4.5,
          explicitBounds: [0.1, 1],
          bucketCounts: [1n, 2n, 3n],
          attributes: [attribute("pool", "v8")],
          ...over,
        },
      ],
    },
  },
});

const sum = (
  points: Point[],
  {
    temporality = AggregationTemporality.CUMULATIVE as AggregationTemporality,
    isMonotonic = true,
    name = "zako.v1.worker.gc_runs",
  } = {},
): MetricInit => ({
  name,
  data: { case: "sum", value: { aggregationTemporality: temporality, isMonotonic, dataPoints: points } },
});
const point = (value: number, attributes: Record<string, string> = { pool: "v8" }, over: Point = {}): Point => ({
  startTimeUnixNano: nanos(BEGAN),
  timeUnixNano: nanos(BEGAN + 5),
  value: { case: "asDouble", value },
  attributes: Object.entries(attributes).map(([key, text]) => attribute(key, text)),
  ...over,
});

describe("metrics become readings", () => {
  it("of counters, gauges, sums that go down, and histograms", () => {
    const batch = map([
      counter("zako.v1.worker.gc_runs", 3, BEGAN, { pool: "v8", user: "anna" }),
      gauge("zako.v1.worker.queue_length", -2, { pool: "v8" }),
      sum([point(4, {})], { isMonotonic: false, name: "zako.v1.cas.active_connections" }),
      histogram(),
    ]);
    const labels = { source: "push", pool: "v8" };
    expect(batch.rejected).toEqual({});
    expect(notified(batch)).toEqual([
      {
        family: "zako_v1_cas_active_connections",
        labels: { source: "push" },
        value: 4,
        temporality: "now",
        since: undefined,
        points: 1,
      },
      {
        family: "zako_v1_worker_queue_wait_seconds",
        labels,
        value: { bounds: [0.1, 1], counts: [1, 2, 3], sum: 4.5 },
        temporality: "total",
        since: BEGAN,
        points: 1,
      },
      { family: "zako_v1_worker_gc_runs_total", labels, value: 3, temporality: "total", since: BEGAN, points: 1 },
      { family: "zako_v1_worker_queue_length", labels, value: -2, temporality: "now", since: undefined, points: 1 },
    ]);
  });

  it("of imports by the name that they come from, with labels from point and resource, empty where nobody tells", () => {
    const metrics = [gauge("acme.queue.depth", 7, { queue: "a" })];
    const request = exportOf(metrics);
    const withHost = {
      resourceMetrics: request.resourceMetrics?.map(({ scopeMetrics }) => ({
        resource: { attributes: [attribute("host.name", "h1"), attribute("queue", "not this one")] },
        scopeMetrics,
      })),
    } as typeof request;
    const families = pushableByName([IMPORT]);
    const labelsOf = (init: typeof request) =>
      mapMetrics(create(Metrics, init), families).batch().metrics[0]?.metric.labels;
    expect(labelsOf(withHost)).toEqual({ source: "push", queue: "a", host_name: "h1" });
    expect(labelsOf(request)).toEqual({ source: "push", queue: "a", host_name: "" });
    expect(map(metrics).rejected).toEqual({ name: 1 });
  });

  it("of a stream each, where only attributes without a label tell them apart", () => {
    const streams = (metrics: MetricInit[]) => map(metrics).metrics.map(({ metric: { stream } }) => stream);
    const ofUser = (user: string) => ({ attributes: [attribute("pool", "v8"), attribute("user", user)] });
    const four = [
      sum([point(3, { pool: "v8", user: "a" }), point(4, { pool: "v8", user: "b" })]),
      histogram(ofUser("a")),
      histogram(ofUser("b")),
    ];
    expect(new Set(streams(four)).size).toBe(4);
    expect(streams(four)).toEqual(streams(four));
    const [one, other] = streams([sum([point(3, { pool: "v8", user: "a" }), point(9, { user: "a", pool: "v8" })])]);
    expect(one).toBe(other);
    const lists = [[1n, 2n], [3n]].map((values) => ({
      key: "user",
      value: { value: { case: "arrayValue" as const, value: { values: values.map((n) => intOf(n)) } } },
    }));
    expect(new Set(streams(lists.map((list) => histogram({ attributes: [attribute("pool", "v8"), list] })))).size).toBe(
      2,
    );
  });

  it("in the order in which they were measured, those without a time last", () => {
    const at = (value: number, ms: number): Point =>
      point(value, { pool: "v8" }, { timeUnixNano: ms === 0 ? 0n : nanos(BEGAN + ms) });
    const values = notified(map([sum([at(8, 20), at(1, 0), at(5, 10)]), sum([at(6, 15)])])).map(({ value }) => value);
    expect(values).toEqual([5, 6, 8, 1]);
  });

  it("that say where nobody knows when they began", () => {
    const unknown = (startTimeUnixNano: bigint, timeUnixNano: bigint) =>
      map([sum([point(3, { pool: "v8" }, { startTimeUnixNano, timeUnixNano })])]).metrics[0]?.metric.unknownStart;
    expect(unknown(nanos(BEGAN), nanos(BEGAN))).toBe(true);
    // A process may live for less than a millisecond.
    expect(unknown(nanos(BEGAN), nanos(BEGAN) + 1n)).toBeUndefined();
    expect(unknown(0n, 0n)).toBeUndefined();
  });

  it("with a delta's id, which is the same where the same is sent again, but none without a time", () => {
    const ids = (points: Point[]) => map([sum(points, { temporality: 1 })]).metrics.map(({ id }) => id);
    const twice = ids([point(1), point(1), point(2), point(1, { pool: "oxc" })]);
    expect(new Set(twice).size).toBe(3);
    expect(twice[0]).toBe(twice[1]);
    expect(ids([point(1), point(1), point(2), point(1, { pool: "oxc" })])).toEqual(twice);
    expect(ids([point(1, {}, { timeUnixNano: 0n, attributes: [attribute("pool", "v8")] })])).toEqual([undefined]);
  });

  it("of one teller per process, whatever order its attributes come in", () => {
    const metricSource = (...pairs: [string, string][]) =>
      mapMetrics(
        create(Metrics, {
          resourceMetrics: [
            {
              resource: { attributes: pairs.map(([key, value]) => attribute(key, value)) },
              scopeMetrics: [{ metrics: [sum([point(1)])] }],
            },
          ],
        }),
        pushableByName([]),
      ).batch().metrics[0]?.metricSource;
    const one = metricSource(["service.name", "zako"], ["service.instance.id", "1"], ["process.pid", "7"]);
    expect(metricSource(["service.instance.id", "1"], ["service.name", "zako"], ["process.pid", "8"])).toBe(one);
    expect(metricSource(["service.instance.id", "2"], ["service.name", "zako"])).not.toBe(one);
    expect(metricSource(["service.name", "zako"], ["process.pid", "7"])).not.toBe(
      metricSource(["service.name", "zako"], ["process.pid", "8"]),
    );
    expect(metricSource()).toBe(metricSource());
  });
});

describe("metrics are refused", () => {
  const huge = "x".repeat(129);
  it.each([
    ["name", gauge("of.others", 1)],
    ["name", gauge("zako.v1.transport.canary_retention", 1)],
    ["type", gauge("zako.v1.worker.queue_wait_seconds", 1)],
    ["type", sum([point(1)], { isMonotonic: false, name: "zako.v1.worker.gc_runs_total" })],
    ["temporality", sum([point(1)], { temporality: 0 })],
    ["temporality", sum([point(1)], { temporality: 3 as AggregationTemporality })],
    [
      "temporality",
      sum([point(1, {})], { temporality: 1, isMonotonic: false, name: "zako.v1.cas.active_connections" }),
    ],
    ["unsupported", { name: "x", data: { case: "summary", value: { dataPoints: [{}] } } }],
    ["labels", sum([point(1, {})])],
    ["labels", sum([point(1, { pool: huge })])],
    ["labels", sum([point(1, { pool: "\ud800" })])],
    ["value", sum([point(-1)])],
    ["value", sum([point(Number.NaN)])],
    ["value", sum([point(Number.POSITIVE_INFINITY)])],
    ["value", sum([point(1, { pool: "v8" }, { value: { case: undefined } })])],
    ["value", histogram({ sum: undefined })],
    ["value", histogram({ sum: -1 })],
    ["buckets", histogram({ bucketCounts: [1n, 5n] })],
    ["buckets", histogram({ count: 7n })],
    ["buckets", histogram({ explicitBounds: [1, 1] })],
    ["buckets", histogram({ explicitBounds: [1, Number.NaN] })],
    ["buckets", histogram({ bucketCounts: [2n ** 63n, 0n, 0n] })],
  ] as [string, MetricInit][])("for %s", (reason, metric) => {
    const batch = map([metric]);
    expect([batch.rejected, batch.metrics]).toEqual([{ [reason]: 1 }, []]);
  });

  it("for what cannot be one series: gauges that only attributes without a label tell apart", () => {
    const batch = map([
      gauge("zako.v1.worker.queue_length", 1, { pool: "v8", user: "a" }),
      gauge("zako.v1.worker.queue_length", 2, { pool: "v8", user: "b" }),
    ]);
    expect(batch.rejected).toEqual({ collision: 1 });
    expect(notified(batch)).toMatchObject([{ value: 1 }]);
  });

  it("but not for saying that there is no value any more, which ends a gauge", () => {
    const batch = map([sum([point(1, {}, { flags: 1 })])]);
    expect([batch.rejected, batch.metrics, batch.passed]).toEqual([{}, [], 1]);
    const ended = map([
      sum([{ ...point(1), flags: 1, value: { case: undefined } }], {
        isMonotonic: false,
        name: "zako.v1.worker.queue_length",
      }),
    ]);
    expect(ended.metrics.map(({ metric }) => metric.ended)).toEqual([true]);
  });
});
