import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ExportMetricsServiceResponseSchema } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import {
  attribute,
  BEGAN,
  exportOf,
  inPushWorld,
  type MetricInit,
  nanos,
  ONE,
  type PushWorld,
} from "../../expose/push/push-world.ts";

const labels = { source: "push", pool: "v8" };
const pool = [attribute("pool", "v8")];
const runs = (world: PushWorld): number => world.stored("zako_v1_worker_gc_runs_total", labels);

const sum = (value: number, second: number, aggregationTemporality: 1 | 2 = 2): MetricInit => ({
  name: "zako.v1.worker.gc_runs",
  data: {
    case: "sum",
    value: {
      aggregationTemporality,
      isMonotonic: true,
      dataPoints: [
        {
          startTimeUnixNano: nanos(BEGAN),
          timeUnixNano: nanos(BEGAN + second * 1_000),
          value: { case: "asDouble", value },
          attributes: pool,
        },
      ],
    },
  },
});
const histogram = (count: bigint, total: number, second: number): MetricInit => ({
  name: "zako.v1.worker.queue_wait",
  unit: "s",
  data: {
    case: "histogram",
    value: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          startTimeUnixNano: nanos(BEGAN),
          timeUnixNano: nanos(BEGAN + second * 1_000),
          count,
          sum: total,
          explicitBounds: [0.1],
          bucketCounts: [0n, count],
          attributes: pool,
        },
      ],
    },
  },
});
const gauge = (value: number): MetricInit => ({
  name: "zako.v1.worker.queue_length",
  data: { case: "gauge", value: { dataPoints: [{ value: { case: "asDouble", value }, attributes: pool }] } },
});

const answerOf = async (response: Response) =>
  fromBinary(ExportMetricsServiceResponseSchema, new Uint8Array(await response.arrayBuffer())).partialSuccess;

describe("a number that cannot be is refused, counted, and named to the sender", () => {
  it.each([
    ["a total of 1e308", sum(1e308, 20)],
    ["a total beyond what a double counts one by one", sum(2 ** 53 + 2, 20)],
    ["more in a minute than can happen", sum(1e12, 20)],
    ["a delta of 1e308", sum(1e308, 20, 1)],
    ["a delta of more than can happen", sum(1e13, 20, 1)],
    ["a histogram's count", histogram(2n ** 52n, 1, 20)],
    ["a histogram's sum", histogram(3n, 1e308, 20)],
    ["a histogram's sum that grows too fast", histogram(3n, 1e17, 20)],
    ["a gauge of 1e308", gauge(1e308)],
    ["a gauge of -1e308", gauge(-1e308)],
  ])("%s", (_what, metric) =>
    inPushWorld(async (world) => {
      await world.metrics(exportOf([sum(5, 10), histogram(2n, 1, 10)]));
      const before = [...world.monitor.stored()].filter(([name]) => name.startsWith("zako_v1_worker_"));
      const answer = await answerOf(await world.metrics(exportOf([metric])));
      expect(answer).toMatchObject({ rejectedDataPoints: 1n, errorMessage: expect.stringContaining("implausible") });
      expect(world.stored("zako_watch_push_rejected_total", { reason: "implausible" })).toBe(1);
      expect(world.stored("zako_watch_readings_refused_total", { source: "push", reason: "implausible" })).toBe(1);
      const after = [...world.monitor.stored()].filter(([name]) => name.startsWith("zako_v1_worker_"));
      for (const [name, value] of before) expect([name, new Map(after).get(name)]).toEqual([name, value]);
      // The next honest total goes on where the last one was.
      await world.metrics(exportOf([sum(8, 30)]));
      expect(runs(world)).toBe(8);
    }),
  );
});

it("what a busy process counts is taken", () =>
  inPushWorld(async (world) => {
    await world.metrics(exportOf([sum(5, 10)]));
    await world.metrics(exportOf([sum(40_000_000_005, 20)]));
    expect(runs(world)).toBe(40_000_000_005);
  }));

it("a counter, a histogram and a total that are stored as infinite start again with the next life of the Monitor", () =>
  inPushWorld(async (world) => {
    await world.metrics(exportOf([sum(5, 10), histogram(2n, 1, 10)]));
    world.monitor.core.record(({ table, reportedTotals }) => {
      for (const { metric, metricSource } of world.batches.at(-1)?.metrics ?? []) {
        reportedTotals.total("cas-eu", metricSource, metric, world.monitor.now).fill(Number.POSITIVE_INFINITY);
        const { block, offset } = table.at("cas-eu", metric.family, metric.labels, world.monitor.now);
        block.values[offset] = Number.POSITIVE_INFINITY;
      }
    });
    world.restart(ONE);
    expect(runs(world)).toBe(0);
    expect(world.monitor.core.head().unreadable.join()).toContain("zako_v1_worker_gc_runs_total");
    // Nobody knows what of these is new.
    await world.metrics(exportOf([sum(8, 30), histogram(4n, 2, 30)]));
    await world.metrics(exportOf([sum(9, 40), histogram(5n, 2, 40)]));
    expect(runs(world)).toBe(1);
    const numbers = [...world.monitor.stored()].filter(([name]) => /^zako_v1_worker_(gc_runs|queue_wait)/.test(name));
    expect(numbers.every(([, value]) => value < 10)).toBe(true);
  }));
