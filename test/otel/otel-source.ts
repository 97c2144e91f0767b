import type { Attributes, Meter, Tracer } from "@opentelemetry/api";
import { OTLPMetricExporter as JsonMetrics } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtoMetrics } from "@opentelemetry/exporter-metrics-otlp-proto";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { OTLPTraceExporter as JsonTraces } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoTraces } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { INSIDE_FAMILIES as F } from "../../functions/model/families/inside-families.ts";

/** How a teller sends. */
export interface SourceOptions {
  /** Base URL of the receiver. */
  url: string;
  headers?: Record<string, string>;
  format?: "protobuf" | "json";
  gzip?: boolean;
  temporality?: "cumulative" | "delta";
  /** `service.instance.id`. */
  instance?: string;
  /** Port of the loopback on which the same numbers are shown to Prometheus. */
  prometheusPort?: number;
}

/** A process instrumented with OpenTelemetry's own SDK: what a Zako would be. */
export class OtelSource {
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly #metrics: MeterProvider;
  readonly #traces: TracerProvider;
  readonly #prometheus: PrometheusExporter | undefined;

  constructor({ url, headers = {}, format = "protobuf", gzip = false, ...more }: SourceOptions) {
    const { temporality = "cumulative", instance = "one", prometheusPort } = more;
    const config = { headers, ...(gzip ? { compression: "gzip" as never } : {}) };
    const to = (signal: string) => ({ ...config, url: `${url}/v1/${signal}` });
    const metrics = {
      ...to("metrics"),
      temporalityPreference: temporality === "delta" ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    };
    const resource = resourceFromAttributes({ "service.name": "zako", "service.instance.id": instance });
    const reader = new PeriodicExportingMetricReader({
      exporter: format === "json" ? new JsonMetrics(metrics) : new ProtoMetrics(metrics),
      // Only when told to.
      exportIntervalMillis: 3_600_000,
    });
    this.#prometheus =
      prometheusPort === undefined ? undefined : new PrometheusExporter({ port: prometheusPort, host: "127.0.0.1" });
    const readers = this.#prometheus === undefined ? [reader] : [reader, this.#prometheus];
    this.#metrics = new MeterProvider({ resource, readers });
    this.meter = this.#metrics.getMeter("zako");
    const spans = format === "json" ? new JsonTraces(to("traces")) : new ProtoTraces(to("traces"));
    this.#traces = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter: spans })] });
    this.tracer = this.#traces.getTracer("zako");
  }

  /** Sends all there is; resolves when it was answered, rejects where it was refused. */
  async flush(): Promise<void> {
    await this.#metrics.forceFlush();
    await this.#traces.forceFlush();
  }

  /** Sends what is left and ends. */
  async end(): Promise<void> {
    await this.#metrics.shutdown();
    await this.#traces.shutdown();
  }
}

/** Does some work and measures it in every way that is understood; each turn adds to what was before. */
export function work({ meter }: Pick<OtelSource, "meter">): (turn: number) => void {
  const pool: Attributes = { pool: "v8" };
  const boundaries = (buckets: readonly number[]) => ({ advice: { explicitBucketBoundaries: [...buckets] } });
  const queue = meter.createGauge("zako.v1.worker.queue_length");
  const connections = meter.createUpDownCounter("zako.v1.cas.active_connections");
  const gcRuns = meter.createCounter("zako.v1.worker.gc_runs");
  const cpu = meter.createCounter("zako.v1.process.cpu_seconds", { unit: "s" });
  const ratio = meter.createGauge("zako.v1.cache.hit_ratio", { unit: "1" });
  const memory = meter.createGauge("zako.v1.process.resident_memory_bytes", { unit: "By" });
  const build = meter.createHistogram("zako.v1.build.duration_seconds", {
    unit: "s",
    ...boundaries(F.buildDuration.buckets),
  });
  const task = meter.createHistogram("zako.v1.worker.task_duration_seconds", {
    unit: "s",
    ...boundaries(F.taskDuration.buckets),
  });
  const foreign = meter.createCounter("http.server.requests");
  return (turn) => {
    queue.record(turn, pool);
    queue.record(2 * turn, { pool: "oxc" });
    connections.add(turn % 2 === 0 ? -1 : 2);
    gcRuns.add(turn, pool);
    gcRuns.add(1, { pool: "oxc" });
    cpu.add(0.25 * turn);
    ratio.record(1 / (turn + 1));
    memory.record(1_048_576 * turn);
    for (const seconds of [0.05, turn, 100 * turn]) build.record(seconds);
    for (const seconds of [0.004, 0.01 * turn, 30]) task.record(seconds, pool);
    foreign.add(1);
  };
}

/** Families that `work` measures, and that both ways must show alike. */
export const WORKED = [
  F.queueLength,
  F.activeConnections,
  F.gcRuns,
  F.processCpu,
  F.cacheHitRatio,
  F.residentMemory,
  F.buildDuration,
  F.taskDuration,
] as const;
