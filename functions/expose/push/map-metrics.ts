import type { ExportMetricsServiceRequest } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import {
  type ExponentialHistogramDataPoint,
  type HistogramDataPoint,
  type Metric,
  type NumberDataPoint,
  AggregationTemporality as Temporality,
} from "../../../proto/gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { coarseBuckets } from "../../evaluate/reported/coarse-buckets.ts";
import type { PushableFamily } from "../../model/probing/push.ts";
import type { HistogramCounts, ReportedMetric } from "../../model/probing/reported-metric.ts";
import { type Attributes, labelsOf, printAttributes, readAttributes, shortName, sourceOf } from "./attributes.ts";
import { exponentialCounts } from "./exponential-counts.ts";
import { type NameShape, prometheusName } from "./prometheus-name.ts";
import { PushCounts, type PushRefusal } from "./push-counts.ts";

/** Bit of a point's flags: it says only that there is no value any more. A total may go on later where it was. */
const NO_VALUE = 1;

type DataPoint = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint;

/** What a metric's points are read as. */
interface Shape {
  name: NameShape;
  type: "counter" | "gauge" | "histogram";
  temporality: ReportedMetric["temporality"];
}

/** Where points come from. */
interface Origin {
  metricSource: string;
  resource: Attributes;
  /** Tells apart instruments that become one family: scope, name and unit. */
  instrument: string;
  /** Makes a label's value fit to be stored. */
  clean: (value: string) => string;
}

/** Maps an export of metrics to readings of the families it may feed, by the Prometheus form of the metrics' names. Pure. */
export function mapMetrics(
  request: ExportMetricsServiceRequest,
  families: ReadonlyMap<string, PushableFamily>,
  clean: (value: string) => string = (value) => value,
): PushCounts {
  const accepted = new PushCounts("metrics");
  for (const { resource, scopeMetrics } of request.resourceMetrics) {
    const attributes = readAttributes(resource?.attributes ?? []);
    const metricSource = sourceOf(resource?.attributes ?? []);
    for (const { scope, metrics } of scopeMetrics) {
      const scopeText = [scope?.name, scope?.version, printAttributes(scope?.attributes ?? [])].join("\n");
      for (const metric of metrics) {
        const instrument = [scopeText, metric.name, metric.unit].join("\n");
        const origin = { metricSource, resource: attributes, instrument, clean };
        const refusal = mapMetric(metric, origin, families, accepted);
        if (refusal !== undefined) accepted.refuse(refusal, metric.data.value?.dataPoints.length ?? 0, metric.name);
      }
    }
  }
  return accepted;
}

/** Answers with why the whole metric is refused, if it is. */
function mapMetric(
  metric: Metric,
  origin: Origin,
  families: ReadonlyMap<string, PushableFamily>,
  accepted: PushCounts,
): PushRefusal | undefined {
  const { data } = metric;
  if (data.case === undefined) return undefined;
  const shape = shapeOf(metric);
  if (typeof shape === "string") return shape;
  const name = prometheusName(metric.name, metric.unit, shape.name);
  const pushable = name === undefined ? undefined : families.get(name);
  if (pushable === undefined) return "name";
  if (pushable.family.type !== shape.type) return "type";
  for (const point of data.value.dataPoints) {
    // Unread points belong to shapes that were refused above.
    const refusal = mapPoint(point as DataPoint, shape, pushable, origin, accepted);
    if (refusal !== undefined) accepted.refuse(refusal, 1, metric.name);
  }
  return undefined;
}

function shapeOf({ data }: Metric): Shape | PushRefusal {
  if (data.case === "gauge") return { name: "gauge", type: "gauge", temporality: "now" };
  if (data.case === "summary" || data.case === undefined) return "unsupported";
  const { aggregationTemporality } = data.value;
  const isDelta = aggregationTemporality === Temporality.DELTA;
  if (!isDelta && aggregationTemporality !== Temporality.CUMULATIVE) return "temporality";
  const temporality = isDelta ? "delta" : "total";
  if (data.case !== "sum") return { name: "other", type: "histogram", temporality };
  if (data.value.isMonotonic) return { name: "counter", type: "counter", temporality };
  // Additions to a gauge would need the gauge: who was heard first, and who was not, would decide what it shows.
  return isDelta ? "temporality" : { name: "other", type: "gauge", temporality: "now" };
}

function mapPoint(
  point: DataPoint,
  { temporality }: Shape,
  pushable: PushableFamily,
  { metricSource, resource, instrument, clean }: Origin,
  accepted: PushCounts,
): PushRefusal | undefined {
  const isEnd = (point.flags & NO_VALUE) !== 0;
  if (isEnd && temporality !== "now") {
    accepted.passed++;
    return undefined;
  }
  const labels = labelsOf(pushable, readAttributes(point.attributes), resource, clean);
  if (labels === undefined) return "labels";
  const value = isEnd ? 0 : readValue(point);
  if (typeof value === "string") return value;
  const isNegative = (typeof value === "number" ? value : value.sum) < 0;
  if (isNegative && pushable.family.type !== "gauge") return "value";
  if (typeof value !== "number") warnOfCoarse(value, pushable, accepted);
  const stream = shortName(`${instrument}\n${printAttributes(point.attributes)}`);
  const metric: ReportedMetric = {
    family: pushable.family.name,
    labels,
    value,
    temporality,
    ...(isEnd ? { ended: true } : {}),
    ...timesOf(point, temporality),
    stream,
  };
  const pushed = { metric, metricSource, points: 1, measuredNanos: point.timeUnixNano };
  if (temporality === "now") return accepted.addGauge(pushed);
  if (temporality === "total" || point.timeUnixNano === 0n) accepted.add(pushed);
  else {
    const said = [metricSource, stream, point.startTimeUnixNano, point.timeUnixNano, JSON.stringify(value)];
    accepted.add({ ...pushed, id: shortName(said.join("\n")) });
  }
  return undefined;
}

function warnOfCoarse(value: HistogramCounts, { family }: PushableFamily, accepted: PushCounts): void {
  const [coarse] = family.type === "histogram" ? coarseBuckets(value, family.buckets) : [];
  if (coarse === undefined) return;
  const { lower, upper } = coarse;
  const text = `the bucket from ${lower} to ${upper} is coarser than ours, so a quantile in it is not known; check the unit, and set bounds such as ${family.type === "histogram" ? family.buckets.join(", ") : ""}`;
  accepted.warn(family.name, text);
}

/** Times of a point in ms. Whether a total's start is known is decided on its nanoseconds. */
function timesOf(
  { startTimeUnixNano, timeUnixNano }: DataPoint,
  temporality: ReportedMetric["temporality"],
): Pick<ReportedMetric, "since" | "at" | "unknownStart"> {
  const at = timeUnixNano === 0n ? {} : { at: millis(timeUnixNano) };
  if (temporality === "now" || startTimeUnixNano === 0n) return at;
  const isUnknown = temporality === "total" && startTimeUnixNano === timeUnixNano;
  return { ...at, since: millis(startTimeUnixNano), ...(isUnknown ? { unknownStart: true } : {}) };
}

const millis = (nanos: bigint): number => Number(nanos / 1_000_000n);

const readValue = (point: DataPoint): number | HistogramCounts | PushRefusal =>
  "bucketCounts" in point ? countsOf(point) : "scale" in point ? exponentialCounts(point) : numberOf(point);

function numberOf({ value }: NumberDataPoint): number | PushRefusal {
  const number = value.case === undefined ? Number.NaN : Number(value.value);
  return Number.isFinite(number) ? number : "value";
}

function countsOf(point: HistogramDataPoint): HistogramCounts | PushRefusal {
  const { explicitBounds: bounds, sum } = point;
  // A histogram may be one bucket, told by its count alone.
  const counts = (point.bucketCounts.length === 0 && bounds.length === 0 ? [point.count] : point.bucketCounts).map(
    Number,
  );
  if (counts.length !== bounds.length + 1 || !counts.every(Number.isSafeInteger)) return "buckets";
  if (!bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > (bounds[i - 1] as number))))
    return "buckets";
  if (counts.reduce((all, count) => all + count, 0) !== Number(point.count)) return "buckets";
  // Without a sum (values may be negative) there would be one that is too low.
  return sum !== undefined && Number.isFinite(sum) ? { bounds, counts, sum } : "value";
}
