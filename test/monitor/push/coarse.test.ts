import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { QuantileCondition } from "../../../functions/evaluate/rules/kinds/quantile.ts";
import { viewTarget } from "../../../functions/expose/pages/target-view.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { endSilent } from "../../../functions/monitor/tick/fold-reported.ts";
import { ExportMetricsServiceResponseSchema } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import {
  attribute,
  BEGAN,
  exportOf,
  inPushWorld,
  type MetricInit,
  nanos,
  pushPlan,
} from "../../expose/push/push-world.ts";
import { config, plan, target } from "../world.ts";

const MINUTE = 60_000;
const FAMILY = "zako_v1_worker_queue_wait_seconds";
/** What SDKs have by default: bounds for milliseconds. */
const SDK = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];
const OURS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const slow = (value: number, more: Partial<QuantileCondition> = {}): Rule<QuantileCondition> => ({
  name: "Slow",
  severity: "warning",
  condition: {
    kind: "quantile",
    histogram: { family: FAMILY },
    quantile: 0.95,
    windowMs: 5 * MINUTE,
    op: ">",
    value,
    minCount: 1,
    ...more,
  },
  by: ["target", "pool"],
  forMs: 0,
  keepFiringForMs: 0,
  summary: "S.",
  description: "D.",
  pager: "edge",
});

/** 20 values that took `seconds` each, in buckets of these bounds, as a delta. */
const waits = (bounds: readonly number[], seconds: number, at: number): MetricInit => {
  const place = bounds.filter((bound) => bound < seconds).length;
  return {
    name: "zako.v1.worker.queue_wait",
    unit: "s",
    data: {
      case: "histogram",
      value: {
        aggregationTemporality: 1,
        dataPoints: [
          {
            startTimeUnixNano: nanos(at - 1_000),
            timeUnixNano: nanos(at),
            count: 20n,
            sum: 20 * seconds,
            explicitBounds: [...bounds],
            bucketCounts: [...bounds, 0].map((_, i) => (i === place ? 20n : 0n)),
            attributes: [attribute("pool", "v8")],
          },
        ],
      },
    },
  };
};

describe("a rule about a quantile", () => {
  it.each([
    ["fast, in the default bounds of SDKs", SDK, 0.02, 1, "ok"],
    ["slow, in the default bounds of SDKs: nobody can know", SDK, 4, 1, "ok"],
    ["so slow that even those bounds show it", SDK, 8, 1, "firing"],
    ["fast, in our bounds", OURS, 0.02, 1, "ok"],
    ["slow, in our bounds", OURS, 4, 1, "firing"],
    ["in decades, with a threshold in the same one", [0.1, 1, 10], 4, 2, "ok"],
    ["in decades, with a threshold in a lower one", [0.1, 1, 10], 4, 0.5, "firing"],
    ["beyond bounds that end below the threshold", [0.005, 0.01, 0.025, 0.05, 0.1], 0.2, 1, "ok"],
    ["without bounds", [], 0.2, 1, "ok"],
  ] as [string, number[], number, number, string][])("%s", (_what, bounds, seconds, threshold, state) =>
    inPushWorld(
      async (world) => {
        const { monitor } = world;
        const tick = async (): Promise<void> => {
          monitor.now += MINUTE;
          await monitor.core.wake(monitor.now, "cron");
        };
        await tick();
        await world.metrics(exportOf([waits(bounds, seconds, monitor.now)]));
        await tick();
        expect(monitor.core.rules()[0]?.state).toBe(state);
        // And after the Monitor was started again.
        world.restart(monitor.core.config);
        await tick();
        expect(monitor.core.rules()[0]?.state).toBe(state);
      },
      { initial: config([target("cas-eu", [plan("health"), pushPlan()])], { rules: [slow(threshold)] }) },
    ),
  );
});

it("coarse buckets are told to the sender, shown by two gauges and on the page, and forgotten after a day", () =>
  inPushWorld(async (world) => {
    const { monitor } = world;
    const answerOf = async (bounds: readonly number[]) => {
      const response = await world.metrics(exportOf([waits(bounds, 0.02, BEGAN + 5_000)]));
      return fromBinary(ExportMetricsServiceResponseSchema, new Uint8Array(await response.arrayBuffer()))
        .partialSuccess;
    };
    expect(await answerOf(OURS)).toBeUndefined();
    const partial = await answerOf(SDK);
    expect(partial?.rejectedDataPoints).toBe(0n);
    expect(partial?.errorMessage).toContain(`${FAMILY}: the bucket from 0 to 5 is coarser than ours`);
    const labels = { source: "push", family: FAMILY, bucket: "5" };
    const bound = (which: string): number => world.stored(`zako_watch_coarse_bucket_${which}_bound`, labels);
    expect([bound("lower"), bound("upper")]).toEqual([0, 5]);
    const view = () => viewTarget(monitor.core.snapshot(), "cas-eu");
    expect(view()?.coarse).toEqual([{ family: FAMILY, source: "push", lower: 0, upper: 5 }]);
    monitor.now += 25 * 60 * MINUTE;
    monitor.core.record((head) => endSilent(head, monitor.now));
    expect([bound("lower"), bound("upper")]).toEqual([Number.NaN, Number.NaN]);
    expect(view()?.coarse).toEqual([]);
  }));
