import type { ExportTraceServiceRequest } from "../../../proto/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { type Span, StatusCode } from "../../../proto/gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { toHex } from "../../lib/hex.ts";
import { INSIDE_FAMILIES } from "../../model/families/inside-families.ts";
import { PUSH_SOURCE, type PushedMetric } from "../../model/probing/push.ts";
import type { ReportedMetric } from "../../model/probing/reported-metric.ts";
import type { SpanRule } from "../../model/probing/span-rule.ts";
import { readAttributes, shortName, sourceOf } from "./attributes.ts";
import { exceptionKind } from "./exception-kind.ts";
import { PushCounts } from "./push-counts.ts";

/** A build of a week is a clock that was wrong. */
const LONGEST_SPAN_NANOS = 7n * 86_400_000_000_000n;
/** Exceptions of one span that are looked at; SDKs keep 128 events at most by default. */
const MOST_EXCEPTIONS = 128;

/**
 * Maps an export of spans: the duration of those that a rule names, the exceptions of any, and the failures of JSON
 * conversions. What a span adds is named by its ids, so that it is counted once however often it is sent. Pure.
 */
export function mapSpans(request: ExportTraceServiceRequest, rules: readonly SpanRule[]): PushCounts {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const accepted = new PushCounts("traces");
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const metricSource = sourceOf(resource?.attributes ?? []);
    for (const { spans } of scopeSpans)
      for (const span of spans)
        if (isWhole(span)) mapSpan(span, byName.get(span.name), metricSource, accepted);
        else accepted.refuse("time", 1, span.name);
  }
  return accepted;
}

const nanosOf = ({ startTimeUnixNano, endTimeUnixNano }: Span): bigint => endTimeUnixNano - startTimeUnixNano;

/** Without its ids a span that is sent again is not known again. */
const isWhole = (span: Span): boolean =>
  span.traceId.length === 16 && span.spanId.length === 8 && nanosOf(span) >= 0n && nanosOf(span) <= LONGEST_SPAN_NANOS;

function mapSpan(span: Span, rule: SpanRule | undefined, metricSource: string, accepted: PushCounts): void {
  const name = `${toHex(span.traceId)}${toHex(span.spanId)}`;
  let points = 1;
  const tell = (
    part: string,
    family: string,
    labels: ReportedMetric["labels"],
    value: ReportedMetric["value"],
  ): void => {
    const metric: ReportedMetric = { family, labels: { ...PUSH_SOURCE, ...labels }, value, temporality: "delta" };
    const reported: PushedMetric = { metric, metricSource, points, id: shortName(`${name} ${part}`) };
    points = 0;
    accepted.add(reported);
  };
  if (rule !== undefined) {
    const seconds = Number(nanosOf(span)) / 1e9;
    // One bucket that ends at the very value: it goes to the bucket of ours that holds it.
    tell("duration", rule.family, rule.labels, { bounds: [seconds], counts: [1, 0], sum: seconds, isExact: true });
    if (rule.family === INSIDE_FAMILIES.jsonConversion.name && span.status?.code === StatusCode.ERROR)
      tell("failure", INSIDE_FAMILIES.jsonConversionFailures.name, {}, 1);
  }
  span.events
    .filter(({ name: event }) => event === "exception")
    .slice(0, MOST_EXCEPTIONS)
    .forEach(({ attributes }, i) => {
      const kind = exceptionKind(readAttributes(attributes).get("exception_type"));
      tell(`exception ${i}`, INSIDE_FAMILIES.exceptions.name, { kind }, 1);
    });
  accepted.passed += points;
}
