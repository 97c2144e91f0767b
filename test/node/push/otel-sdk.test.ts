import { createServer } from "node:net";
import { SpanStatusCode } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { decodeBody, formatOf } from "../../../functions/expose/push/decode.ts";
import { mapMetrics } from "../../../functions/expose/push/map-metrics.ts";
import { mapSpans } from "../../../functions/expose/push/map-spans.ts";
import { readBody } from "../../../functions/expose/push/read-body.ts";
import { type PushBatch, pushableByName } from "../../../functions/model/probing/push.ts";
import { DEFAULT_SPAN_RULES } from "../../../functions/model/probing/span-rule.ts";
import { ExportMetricsServiceRequestSchema } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../../proto/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { type Caught, Collector } from "../../otel/collector.ts";
import { OtelSource, WORKED, work } from "../../otel/otel-source.ts";

const FORMS = [
  { format: "protobuf", gzip: false },
  { format: "protobuf", gzip: true },
  { format: "json", gzip: false },
  { format: "json", gzip: true },
] as const;

async function mapped({ path, headers, body }: Caught): Promise<PushBatch> {
  const request = new Request("http://watch.example/", { method: "POST", headers, body: new Uint8Array(body) });
  const read = await readBody(request);
  if (!read.ok) throw new Error(read.problem);
  const format = formatOf(headers["content-type"]) ?? "json";
  if (path === "/v1/metrics") {
    const decoded = decodeBody(ExportMetricsServiceRequestSchema, format, read.bytes);
    if (!decoded.ok) throw new Error(decoded.problem);
    return mapMetrics(decoded.message, pushableByName([])).batch();
  }
  const decoded = decodeBody(ExportTraceServiceRequestSchema, format, read.bytes);
  if (!decoded.ok) throw new Error(decoded.problem);
  return mapSpans(decoded.message, DEFAULT_SPAN_RULES).batch();
}

/** Lines of a batch as an exposition has them: cumulative buckets, no `source`. */
function linesOf(batch: PushBatch): Map<string, number> {
  const lines = new Map<string, number>();
  for (const { metric } of batch.metrics) {
    const { source: _, ...labels } = metric.labels;
    const name = (suffix: string, more: Record<string, string> = {}): string =>
      `${metric.family}${suffix}${JSON.stringify({ ...labels, ...more })}`;
    const { value } = metric;
    if (typeof value === "number") {
      lines.set(name(""), value);
      continue;
    }
    let below = 0;
    value.counts.forEach((count, i) => {
      below += count;
      lines.set(name("_bucket", { le: i < value.bounds.length ? String(value.bounds[i]) : "+Inf" }), below);
    });
    lines.set(name("_sum"), value.sum).set(name("_count"), below);
  }
  return lines;
}

/** Lines of an exposition, of the families that `work` measures. */
function shownLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name = "", printed = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (!WORKED.some((family) => name.startsWith(family.name))) continue;
    const labels = [...printed.matchAll(/(\w+)="([^"]*)"/g)]
      .map(([, label = "", text = ""]): [string, string] => [label, text])
      .filter(([label]) => !label.startsWith("otel_"));
    lines.set(`${name}${JSON.stringify(Object.fromEntries(labels))}`, Number(value));
  }
  return lines;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.each(FORMS)("OpenTelemetry's SDK, $format, gzip $gzip", (form) => {
  test("pushes what its Prometheus exporter shows", async () => {
    await using collector = new Collector();
    const prometheusPort = await freePort();
    const metricSource = new OtelSource({ url: await collector.listen(), prometheusPort, ...form });
    try {
      const turn = work(metricSource);
      for (let i = 1; i <= 3; i++) {
        turn(i);
        await metricSource.flush();
        const shown = await (await fetch(`http://127.0.0.1:${prometheusPort}/metrics`)).text();
        const batch = await mapped(collector.caught.at(-1) as Caught);
        expect(batch.rejected).toEqual({ name: 1 });
        const wanted = shownLines(shown);
        // Eight numbers, and two histograms of twelve and eleven bounds.
        expect(wanted.size).toBe(8 + 15 + 14);
        expect(linesOf(batch)).toEqual(wanted);
      }
    } finally {
      await metricSource.end();
    }
  });

  test("names each addition of a delta, the same when it is sent again", async () => {
    await using collector = new Collector();
    const metricSource = new OtelSource({ url: await collector.listen(), temporality: "delta", ...form });
    collector.answers.push(503);
    try {
      const turn = work(metricSource);
      turn(1);
      await metricSource.flush();
      turn(2);
      await metricSource.flush();
    } finally {
      await metricSource.end();
    }
    const ids: (string | undefined)[][] = [];
    for (const caught of collector.caught) {
      const { metrics } = await mapped(caught);
      const deltas = metrics.filter(({ metric }) => metric.temporality === "delta");
      ids.push(deltas.map(({ id }) => id));
    }
    const [first = [], again = [], second = []] = ids;
    expect(first.length).toBe(5);
    expect(again).toEqual(first);
    expect(new Set([...first, ...second]).size).toBe(first.length + second.length);
  });

  test("makes spans that are measured, with their exceptions", async () => {
    await using collector = new Collector();
    const metricSource = new OtelSource({ url: await collector.listen(), ...form });
    try {
      const span = (name: string, ms: number, failing?: Error): void => {
        const one = metricSource.tracer.startSpan(name, { startTime: 1_000_000 });
        if (failing !== undefined) {
          one.recordException(failing);
          one.setStatus({ code: SpanStatusCode.ERROR });
        }
        one.end(1_000_000 + ms);
      };
      span("program start", 2_500);
      span("load module", 20, new TypeError("https://user:secret@host"));
      span("zako.engine.json_conversion", 3, new RangeError("no"));
      span("v8 execution", 7);
      span("of others", 1);
      await metricSource.flush();
    } finally {
      await metricSource.end();
    }
    const traces = collector.caught.find(({ path }) => path === "/v1/traces") as Caught;
    const { metrics, rejected, passed } = await mapped(traces);
    expect([rejected, passed]).toEqual([{}, 1]);
    const reported = metrics.map(({ metric: { family, labels, value } }) => [
      family,
      labels["kind"] ?? labels["pool"],
      typeof value === "number" ? value : value.sum,
    ]);
    expect(reported).toEqual([
      ["zako_v1_build_duration_seconds", undefined, 2.5],
      ["zako_v1_engine_module_load_seconds", undefined, 0.02],
      ["zako_v1_engine_exceptions_total", "TypeError", 1],
      ["zako_v1_engine_json_conversion_seconds", undefined, 0.003],
      ["zako_v1_engine_json_conversion_failures_total", undefined, 1],
      ["zako_v1_engine_exceptions_total", "RangeError", 1],
      ["zako_v1_worker_task_duration_seconds", "v8", 0.007],
    ]);
    expect(new Set(metrics.map(({ id }) => id)).size).toBe(7);
  });
});
