import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ExportTraceServiceRequestSchema } from "../../../proto/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { SpanEventSchema, SpanSchema } from "../../../proto/gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { attribute, BEGAN, type MetricInit, nanos } from "./push-world.ts";

type SpanInit = MessageInitShape<typeof SpanSchema>;
type EventInit = MessageInitShape<typeof SpanEventSchema>;

/** A gauge with one point. */
export const gauge = (name: string, value: number, attributes: Record<string, string> = {}): MetricInit => ({
  name,
  data: {
    case: "gauge",
    value: {
      dataPoints: [
        {
          value: { case: "asDouble", value },
          attributes: Object.entries(attributes).map(([key, text]) => attribute(key, text)),
        },
      ],
    },
  },
});

/** A span whose ids come from `n`. */
export const spanOf = (n: number, name: string, durationMs: number, events: EventInit[] = []): SpanInit => ({
  traceId: Uint8Array.from({ length: 16 }, (_, i) => (n >> (8 * (i % 4))) & 0xff),
  spanId: Uint8Array.from({ length: 8 }, (_, i) => ((n + 1) >> (8 * (i % 4))) & 0xff),
  name,
  startTimeUnixNano: nanos(BEGAN),
  endTimeUnixNano: nanos(BEGAN + durationMs),
  events,
});

/** An event such as SDKs make of an exception. */
export const exceptionOf = (type: string): EventInit => ({
  name: "exception",
  attributes: [attribute("exception.type", type), attribute("exception.message", "a secret")],
});

/** One process's export of spans. */
export const spansOf = (spans: SpanInit[]): MessageInitShape<typeof ExportTraceServiceRequestSchema> => ({
  resourceSpans: [{ scopeSpans: [{ spans }] }],
});
