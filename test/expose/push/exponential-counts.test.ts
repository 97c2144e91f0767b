import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rebucket } from "../../../functions/evaluate/reported/rebucket.ts";
import { exponentialCounts } from "../../../functions/expose/push/exponential-counts.ts";
import {
  AggregationTemporality,
  ExponentialHistogramDataPointSchema as Point,
} from "../../../proto/gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { attribute, BEGAN, exportOf, inPushWorld, type MetricInit, nanos } from "./push-world.ts";

const OURS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const read = (point: MessageInitShape<typeof Point>) => exponentialCounts(create(Point, { sum: 1, ...point }));

/** Indices of buckets at a scale, straight from the definition: the greatest i with base^i below the value. */
const indexOf = (value: number, scale: number): number => Math.ceil(Math.log2(value) * 2 ** scale) - 1;

/** A point that holds these values. */
function pointOf(values: readonly number[], scale: number) {
  const above = values.filter((value) => value > 0).map((value) => indexOf(value, scale));
  const offset = Math.min(...above, 0);
  const bucketCounts = Array.from({ length: Math.max(...above, 0) - offset + 1 }, (_, i) =>
    BigInt(above.filter((index) => index === offset + i).length),
  );
  const zeroCount = BigInt(values.length - above.length);
  return { scale, zeroCount, count: BigInt(values.length), positive: { offset, bucketCounts } };
}

describe("an exponential histogram", () => {
  it("at scale 0 has powers of 2 for bounds", () => {
    expect(read({ scale: 0, zeroCount: 1n, count: 7n, positive: { offset: -1, bucketCounts: [2n, 0n, 4n] } })).toEqual({
      bounds: [0, 0.5, 1, 2, 4],
      counts: [1, 0, 2, 0, 4, 0],
      sum: 1,
    });
  });

  it("counts each value in the bucket of ours that holds it, or in the next one where its own ends beyond", () => {
    const value = fc.oneof(fc.double({ min: 1e-4, max: 20, noNaN: true }), fc.constant(0));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), fc.integer({ min: 0, max: 6 }), (values, scale) => {
        const counts = read(pointOf(values, scale));
        if (typeof counts === "string") throw new Error(counts);
        const ours = rebucket(counts, OURS);
        expect(ours.reduce((a, b) => a + b, 0)).toBe(values.length);
        // As many below each bound as there are, less those whose bucket ends beyond it: never more, so nothing looks faster.
        const base = 2 ** (2 ** -scale);
        let below = 0;
        OURS.forEach((bound, i) => {
          below += ours[i] as number;
          expect(below).toBeLessThanOrEqual(values.filter((v) => v <= bound * (1 + 1e-9)).length);
          expect(below).toBeGreaterThanOrEqual(values.filter((v) => v <= (bound / base) * (1 - 1e-9)).length);
        });
      }),
    );
  });

  it.each([
    ["buckets", { scale: 40, count: 1n, positive: { offset: 0, bucketCounts: [1n] } }],
    ["buckets", { scale: -40, count: 1n, positive: { offset: 0, bucketCounts: [1n] } }],
    ["buckets", { scale: 0, count: 2n, positive: { offset: 0, bucketCounts: [1n] } }],
    ["buckets", { scale: 0, count: 1n, positive: { offset: 2_000, bucketCounts: [1n] } }],
    ["buckets", { scale: 0, count: 2n ** 60n, positive: { offset: 0, bucketCounts: [2n ** 60n] } }],
    ["buckets", { scale: 0, count: 1n, zeroCount: 1n, zeroThreshold: Number.NaN }],
    ["value", { scale: 0, count: 1n, zeroCount: 1n, sum: undefined }],
    ["value", { scale: 0, count: 1n, zeroCount: 1n, sum: Number.POSITIVE_INFINITY }],
  ] as [string, MessageInitShape<typeof Point>][])("is refused for %s (case %#)", (reason, point) => {
    expect(read(point)).toBe(reason);
  });

  it("whose last bucket no double can hold, and whose first are none at all, is read", () => {
    const last = read({ scale: 0, count: 3n, positive: { offset: 1_023, bucketCounts: [3n] } });
    expect(last).toMatchObject({ counts: [0, 0, 3] });
    const first = read({ scale: 0, count: 3n, positive: { offset: -2_000, bucketCounts: [3n] } });
    expect(first).toMatchObject({ bounds: [0], counts: [3, 0] });
    expect(read({ scale: 0, count: 2n, negative: { offset: 0, bucketCounts: [2n] }, sum: 0 })).toMatchObject({
      bounds: [0],
      counts: [2, 0],
    });
  });
});

const metric = (values: readonly number[], scale: number, second: number): MetricInit => ({
  name: "zako.v1.worker.queue_wait",
  unit: "s",
  data: {
    case: "exponentialHistogram",
    value: {
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: [
        {
          ...pointOf(values, scale),
          sum: values.reduce((a, b) => a + b, 0),
          startTimeUnixNano: nanos(BEGAN),
          timeUnixNano: nanos(BEGAN + second * 1_000),
          attributes: [attribute("pool", "v8")],
        },
      ],
    },
  },
});

it("totals go on where a sender has merged its buckets meanwhile", () =>
  inPushWorld(async (world) => {
    const values = [0.004, 0.09, 0.2, 0.45, 0.9, 0.9, 3];
    const buckets = (): number[] =>
      Array.from(
        { length: OURS.length + 1 },
        (_, i) =>
          world.monitor.stored().get(`zako_v1_worker_queue_wait_seconds{cas-eu;source="push",pool="v8"}[${i}]`) ?? 0,
      );
    const all = (): number => buckets().reduce((a, b) => a + b, 0);
    for (const [i, scale] of [5, 5, 3, 1, 0, -1, -2].entries()) {
      const sent = values.slice(0, i + 1);
      const response = await world.metrics(exportOf([metric(sent, scale, 10 * (i + 1))]));
      expect(response.status).toBe(200);
      expect(all()).toBe(sent.length);
    }
    expect(world.stored("zako_watch_push_rejected_total", { reason: "out_of_order" })).toBe(0);
    // A total that falls without a new start adds nothing.
    await world.metrics(exportOf([metric([0.3], 5, 90)]));
    expect(all()).toBe(values.length);
  }));
