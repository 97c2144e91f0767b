import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { exceptionKind } from "../../../functions/expose/push/exception-kind.ts";
import { mapSpans } from "../../../functions/expose/push/map-spans.ts";
import { DEFAULT_SPAN_RULES } from "../../../functions/model/probing/span-rule.ts";
import { ExportTraceServiceRequestSchema as Traces } from "../../../proto/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { exceptionOf, spanOf, spansOf } from "./otlp-samples.ts";
import { BEGAN, nanos } from "./push-world.ts";

describe("spans", () => {
  const spans = (init: MessageInitShape<typeof Traces>) => mapSpans(create(Traces, init), DEFAULT_SPAN_RULES).batch();

  it.each([
    ["without a trace id", { traceId: new Uint8Array() }],
    ["with a span id of another length", { spanId: new Uint8Array(7) }],
    ["that end before they begin", { endTimeUnixNano: 0n }],
    ["that take weeks", { endTimeUnixNano: nanos(BEGAN + 8 * 86_400_000) }],
  ])("%s are refused", (_what, over) => {
    const batch = spans(spansOf([{ ...spanOf(1, "load module", 5), ...over }]));
    expect([batch.rejected, batch.metrics]).toEqual([{ time: 1 }, []]);
  });

  it("go to the bucket that holds them, and count as one whatever they tell", () => {
    const batch = spans(
      spansOf([spanOf(1, "load module", 250, [exceptionOf("E"), { name: "log" }, exceptionOf("E")])]),
    );
    expect(batch.metrics).toMatchObject([
      { metric: { value: { bounds: [0.25], counts: [1, 0], sum: 0.25 } }, points: 1 },
      { metric: { labels: { kind: "E" }, value: 1 }, points: 0 },
      { metric: { labels: { kind: "E" }, value: 1 }, points: 0 },
    ]);
    expect(new Set(batch.metrics.map(({ id }) => id)).size).toBe(3);
  });

  it.each([
    ["TypeError", "TypeError"],
    ["std::io::Error", "Error"],
    ["java.lang.NullPointerException", "NullPointerException"],
    ["https://user:secret@host/path?token=x y", "path_token_x_y"],
    ["", "unknown"],
    ["::", "unknown"],
    [undefined, "unknown"],
    ['"}\n# HELP', "HELP"],
    ["x".repeat(100), "x".repeat(64)],
  ])("of an exception %j have kind %j", (type, kind) => expect(exceptionKind(type)).toBe(kind));
});
