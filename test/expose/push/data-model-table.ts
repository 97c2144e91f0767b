import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ExportMetricsServiceRequestSchema as Metrics } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import {
  type HistogramDataPointSchema,
  type NumberDataPointSchema,
  AggregationTemporality as Temporality,
} from "../../../proto/gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { attribute, BEGAN, type MetricInit, nanos } from "./push-world.ts";

type Request = MessageInitShape<typeof Metrics>;
type NumberPoint = MessageInitShape<typeof NumberDataPointSchema>;
type HistogramPoint = MessageInitShape<typeof HistogramDataPointSchema>;

/** A time in seconds after the processes began; null: not told. */
type Second = number | null;
const time = (second: Second): bigint => (second === null ? 0n : nanos(BEGAN) + BigInt(Math.round(second * 1e9)));

/** A point: when its sequence started, when it was measured, its value. Attributes beside `pool` have no label. */
const point = (start: Second, at: Second, value: number, user?: string): NumberPoint => ({
  startTimeUnixNano: time(start),
  timeUnixNano: time(at),
  value: { case: "asDouble", value },
  attributes: [attribute("pool", "v8"), ...(user === undefined ? [] : [attribute("user", user)])],
});
/** A point that says only that there is no value any more. */
const noValue = (start: Second, at: Second): NumberPoint => ({
  ...point(start, at, 0),
  value: { case: undefined },
  flags: 1,
});
const buckets = (start: Second, at: Second, counts: [number, number, number]): HistogramPoint => ({
  startTimeUnixNano: time(start),
  timeUnixNano: time(at),
  count: BigInt(counts[0] + counts[1] + counts[2]),
  sum: counts[0] * 0.05 + counts[1] * 0.5 + counts[2] * 20,
  explicitBounds: [0.1, 1],
  bucketCounts: counts.map(BigInt),
  attributes: [attribute("pool", "v8")],
});

const sumOf =
  (aggregationTemporality: Temporality, isMonotonic: boolean, name: string) =>
  (...dataPoints: NumberPoint[]): MetricInit => ({
    name,
    data: { case: "sum", value: { aggregationTemporality, isMonotonic, dataPoints } },
  });
const GC_RUNS = "zako.v1.worker.gc_runs";
const LENGTH = "zako.v1.worker.queue_length";
const cumulative = sumOf(Temporality.CUMULATIVE, true, GC_RUNS);
const delta = sumOf(Temporality.DELTA, true, GC_RUNS);
const upDown = sumOf(Temporality.CUMULATIVE, false, LENGTH);
const gauges = (...dataPoints: NumberPoint[]): MetricInit => ({
  name: LENGTH,
  data: { case: "gauge", value: { dataPoints } },
});
const histograms =
  (aggregationTemporality: Temporality) =>
  (...dataPoints: HistogramPoint[]): MetricInit => ({
    name: "zako.v1.worker.queue_wait",
    unit: "s",
    data: { case: "histogram", value: { aggregationTemporality, dataPoints } },
  });
const cumulativeHistogram = histograms(Temporality.CUMULATIVE);
const deltaHistogram = histograms(Temporality.DELTA);

/** One resource's part of a request; one per metric, as batching collectors send them. */
const resource = (instance: string, ...metrics: MetricInit[]): NonNullable<Request["resourceMetrics"]>[number] => ({
  resource: { attributes: [attribute("service.name", "zako"), attribute("service.instance.id", instance)] },
  scopeMetrics: [{ metrics }],
});
const from = (instance: string, ...metrics: MetricInit[]): Request => ({
  resourceMetrics: metrics.map((metric) => resource(instance, metric)),
});
const one = (...metrics: MetricInit[]): Request => from("one", ...metrics);

export interface Row {
  /** The section of the data model. */
  section: string;
  says: string;
  requests: Request[];
  /** What it all has come to after the last request. NaN: no value. */
  counter?: number;
  gauge?: number;
  histogram?: number[];
  refused?: Record<string, number>;
  repeats?: number;
}

const RESETS = "Resets and Gaps";
const UNKNOWN = "Cumulative streams: handling unknown start time";
const OVERLAP = "Overlap resolution";
const SINGLE = "Single-Writer";
const TEMPORALITY = "Temporality";
const IDENTITY = "OpenTelemetry Protocol data model: Producer recommendations";
const TO_CUMULATIVE = "Sums: Delta-to-Cumulative";
const MISSING = "Sums: Missing Timestamps";

export const table: readonly Row[] = [
  {
    section: TEMPORALITY,
    says: "cumulative points repeat their start: the differences count",
    requests: [one(cumulative(point(0, 10, 5))), one(cumulative(point(0, 20, 8)))],
    counter: 8,
  },
  {
    section: TEMPORALITY,
    says: "two cumulative points of one request are two moments of one total, not two totals",
    requests: [one(cumulative(point(0, 10, 5), point(0, 20, 8))), one(cumulative(point(0, 30, 9)))],
    counter: 9,
  },
  {
    section: TEMPORALITY,
    says: "the order of time is that of the points, not that of the request",
    requests: [one(cumulative(point(0, 20, 8), point(0, 10, 5)))],
    counter: 8,
  },
  {
    section: TEMPORALITY,
    says: "a collector batches exports of one process: several resources of the same name",
    requests: [one(cumulative(point(0, 10, 5)), cumulative(point(0, 20, 8))), one(cumulative(point(0, 30, 10)))],
    counter: 10,
  },
  {
    section: TEMPORALITY,
    says: "delta points advance their start: each counts",
    requests: [one(delta(point(0, 10, 5))), one(delta(point(10, 20, 3)))],
    counter: 8,
  },
  {
    section: TEMPORALITY,
    says: "delta points of one request each count",
    requests: [one(delta(point(10, 20, 3), point(0, 10, 5)))],
    counter: 8,
  },
  {
    section: TEMPORALITY,
    says: "points lost in between are made good by the next cumulative one",
    requests: [one(cumulative(point(0, 10, 5))), one(cumulative(point(0, 90, 105)))],
    counter: 105,
  },
  {
    section: TEMPORALITY,
    says: "a cumulative histogram in a batch counts its latest buckets once",
    requests: [one(cumulativeHistogram(buckets(0, 10, [1, 2, 0]), buckets(0, 20, [2, 2, 3])))],
    histogram: [2, 2, 3],
  },
  {
    section: TEMPORALITY,
    says: "delta histograms add up",
    requests: [one(deltaHistogram(buckets(0, 10, [1, 2, 0]), buckets(10, 20, [1, 0, 3])))],
    histogram: [2, 2, 3],
  },
  {
    section: RESETS,
    says: "a start before its time is a true reset: all of the new sequence counts",
    requests: [one(cumulative(point(0, 10, 5))), one(cumulative(point(20, 30, 3)))],
    counter: 8,
  },
  {
    section: RESETS,
    says: "a true reset inside one request",
    requests: [one(cumulative(point(20, 30, 3), point(0, 10, 5), point(20, 40, 4)))],
    counter: 9,
  },
  {
    section: RESETS,
    says: "a true reset to a higher value than before still counts whole",
    requests: [one(cumulative(point(0, 10, 5))), one(cumulative(point(20, 30, 50)))],
    counter: 55,
  },
  {
    section: RESETS,
    says: "a histogram begins again",
    requests: [
      one(cumulativeHistogram(buckets(0, 10, [4, 4, 4]))),
      one(cumulativeHistogram(buckets(20, 30, [0, 1, 0]))),
    ],
    histogram: [4, 5, 4],
  },
  {
    section: RESETS,
    says: "a gap between delta points is a gap, and both sides count",
    requests: [one(delta(point(0, 10, 5))), one(delta(point(40, 50, 3)))],
    counter: 8,
  },
  {
    section: UNKNOWN,
    says: "a start that is its time adds nothing and begins a sequence",
    requests: [one(cumulative(point(10, 10, 1_264))), one(cumulative(point(10, 20, 1_270)))],
    counter: 6,
  },
  {
    section: UNKNOWN,
    says: "both in one request",
    requests: [one(cumulative(point(10, 20, 1_270), point(10, 10, 1_264)))],
    counter: 6,
  },
  {
    section: UNKNOWN,
    says: "a sequence resumes after a gap where it was: nothing is known to be new",
    requests: [
      one(cumulative(point(0, 10, 100))),
      one(cumulative(point(50, 50, 140))),
      one(cumulative(point(50, 60, 141))),
    ],
    counter: 101,
  },
  {
    section: UNKNOWN,
    says: "a sequence resumes at a lower value",
    requests: [
      one(cumulative(point(0, 10, 100))),
      one(cumulative(point(50, 50, 7))),
      one(cumulative(point(50, 60, 9))),
    ],
    counter: 102,
  },
  {
    section: UNKNOWN,
    says: "a histogram whose start is its time adds nothing",
    requests: [
      one(cumulativeHistogram(buckets(10, 10, [400, 400, 400]))),
      one(cumulativeHistogram(buckets(10, 20, [401, 400, 402]))),
    ],
    histogram: [1, 0, 2],
  },
  {
    section: "Cumulative streams: inserting true reset points",
    says: "a zero-duration point of value 0, then totals relative to it",
    requests: [one(cumulative(point(10, 10, 0))), one(cumulative(point(10, 20, 6)))],
    counter: 6,
  },
  {
    section: OVERLAP,
    says: "a point of a sequence that has been followed by another is dropped",
    requests: [one(cumulative(point(0, 10, 5))), one(cumulative(point(20, 30, 3))), one(cumulative(point(0, 15, 7)))],
    counter: 8,
    refused: { out_of_order: 1 },
  },
  {
    section: OVERLAP,
    says: "a late point of the running sequence adds nothing, and takes nothing back",
    requests: [one(cumulative(point(0, 20, 8))), one(cumulative(point(0, 10, 5))), one(cumulative(point(0, 30, 9)))],
    counter: 9,
    refused: { out_of_order: 1 },
  },
  {
    section: OVERLAP,
    says: "without starts, a late point is no restart",
    requests: [
      one(cumulative(point(null, 10, 100))),
      one(cumulative(point(null, 30, 108))),
      one(cumulative(point(null, 20, 105))),
      one(cumulative(point(null, 40, 109))),
    ],
    counter: 9,
    refused: { out_of_order: 1 },
  },
  {
    section: SINGLE,
    says: "the same cumulative point again is a repeat",
    requests: [one(cumulative(point(0, 10, 5), point(0, 10, 5))), one(cumulative(point(0, 10, 5)))],
    counter: 5,
    repeats: 2,
  },
  {
    section: SINGLE,
    says: "the same delta again is a repeat, in one request or the next",
    requests: [one(delta(point(0, 10, 5), point(0, 10, 5))), one(delta(point(0, 10, 5)))],
    counter: 5,
    repeats: 2,
  },
  {
    section: SINGLE,
    says: "two processes are two writers of two streams",
    requests: [from("one", cumulative(point(0, 10, 5))), from("two", cumulative(point(1, 10, 4)))],
    counter: 9,
  },
  {
    section: IDENTITY,
    says: "attributes are part of the identity, also those that become no label",
    requests: [
      one(cumulative(point(0, 10, 5, "anna"), point(0, 10, 3, "bo"))),
      one(cumulative(point(0, 20, 4, "bo"))),
      one(cumulative(point(0, 30, 6, "anna"), point(15, 30, 1, "cy"))),
    ],
    counter: 6 + 4 + 1,
  },
  {
    section: TO_CUMULATIVE,
    says: "a delta that arrives late still counts once",
    requests: [one(delta(point(10, 20, 3))), one(delta(point(0, 10, 5))), one(delta(point(10, 20, 3)))],
    counter: 8,
    repeats: 1,
  },
  {
    section: MISSING,
    says: "deltas without times are all added, as statsd does",
    requests: [one(delta(point(null, null, 2))), one(delta(point(null, null, 2)))],
    counter: 4,
  },
  {
    section: MISSING,
    says: "totals without times or starts: a lower one is a restart",
    requests: [
      one(cumulative(point(null, null, 100))),
      one(cumulative(point(null, null, 107))),
      one(cumulative(point(null, null, 4))),
    ],
    counter: 11,
  },
  {
    section: "Gauge",
    says: "the newest of several points of a request is the gauge's value",
    requests: [one(gauges(point(null, 20, 8), point(null, 10, 5)))],
    gauge: 8,
  },
  {
    section: "Gauge",
    says: "a point that is older than the known one does not replace it",
    requests: [one(gauges(point(null, 20, 8))), one(gauges(point(null, 10, 5)))],
    gauge: 8,
    refused: { out_of_order: 1 },
  },
  {
    section: "Data point flags",
    says: "no recorded value ends a gauge",
    requests: [one(gauges(point(null, 10, 5))), one(gauges(noValue(null, 20)))],
    gauge: Number.NaN,
  },
  {
    section: "Data point flags",
    says: "no recorded value that is older than the value ends nothing",
    requests: [one(gauges(point(null, 20, 5))), one(gauges(noValue(null, 10)))],
    gauge: 5,
    refused: { out_of_order: 1 },
  },
  {
    section: "Data point flags",
    says: "no recorded value that comes before the older value keeps it out",
    requests: [one(gauges(noValue(null, 20))), one(gauges(point(null, 10, 5)))],
    gauge: Number.NaN,
    refused: { out_of_order: 1 },
  },
  {
    section: "Data point flags",
    says: "a gauge that has ended may begin again, in one request too",
    requests: [one(gauges(point(null, 30, 6), noValue(null, 20), point(null, 10, 5)))],
    gauge: 6,
  },
  {
    section: "Data point flags",
    says: "a total that pauses goes on where it was",
    requests: [one(cumulative(point(0, 10, 5))), one(cumulative(noValue(0, 20))), one(cumulative(point(0, 30, 6)))],
    counter: 6,
  },
  {
    section: "Sums",
    says: "a sum that is not monotonic is set to its newest value",
    requests: [one(upDown(point(0, 20, 3), point(0, 10, 7)))],
    gauge: 3,
  },
];
