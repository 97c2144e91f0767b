import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { Config } from "../../../functions/model/config.ts";
import type { ImportedFamily } from "../../../functions/model/probing/reported-metric.ts";
import { endSilent } from "../../../functions/monitor/tick/fold-reported.ts";
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

const HOUR = 3_600_000;
const imported = (name: string): ImportedFamily => ({
  family: { name, type: "counter", help: "H.", labels: ["target", "source", "queue"] },
  from: `acme_${name}`,
});
const CONFIG: Config = { ...ONE, imports: [imported("jobs_total"), imported("errors_total"), imported("tasks_total")] };

/** A delta of 1 for each value of a label. */
const counts = (family: string, values: readonly string[], at: number): MetricInit => ({
  name: `acme.${family}`,
  data: {
    case: "sum",
    value: {
      aggregationTemporality: 1,
      isMonotonic: true,
      dataPoints: values.map((value) => ({
        startTimeUnixNano: nanos(at - 1_000),
        timeUnixNano: nanos(at),
        value: { case: "asInt" as const, value: 1n },
        attributes: [attribute("queue", value)],
      })),
    },
  },
});
const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

let pushes = 0;
async function push(world: PushWorld, sender: string, family: string, values: readonly string[]): Promise<number> {
  // A time of its own, so that no delta is a repeat.
  const at = BEGAN + 5_000 + pushes++;
  const response = await world.metrics(exportOf([counts(family, values, at)], sender));
  const answer = fromBinary(ExportMetricsServiceResponseSchema, new Uint8Array(await response.arrayBuffer()));
  if (answer.partialSuccess !== undefined)
    expect(answer.partialSuccess.errorMessage).toContain(`for series (${family}_total`);
  return Number(answer.partialSuccess?.rejectedDataPoints ?? 0n);
}
const columns = (world: PushWorld, family: string): number =>
  (world.monitor.core.head().table.blocks.get("cas-eu")?.layout.columns ?? []).filter(
    (c) => c.family === `${family}_total`,
  ).length;
const inWorld = (run: (world: PushWorld) => Promise<void>): Promise<void> =>
  inPushWorld((world) => run(world), { initial: CONFIG, ports: { imports: CONFIG.imports ?? [] } });

describe("room for pushed series", () => {
  it("one push of 1,100 label values takes its sender's room of that family, and no other", () =>
    inWorld(async (world) => {
      expect(await push(world, "bad", "jobs", named("x", 1_100))).toBe(1_100 - 250);
      expect(await push(world, "bad", "errors", named("a", 20))).toBe(0);
      expect(await push(world, "good", "jobs", named("y", 200))).toBe(0);
      expect(await push(world, "good", "tasks", named("z", 100))).toBe(0);
    }));

  it("a sender whose room is full goes on counting what it has, in the same life of the Monitor and in the next", () =>
    inWorld(async (world) => {
      expect(await push(world, "one", "jobs", named("x", 251))).toBe(1);
      expect(await push(world, "one", "jobs", named("x", 250))).toBe(0);
      expect(await push(world, "one", "jobs", named("x", 250))).toBe(0);
      world.restart(CONFIG);
      expect(await push(world, "one", "jobs", named("x", 250))).toBe(0);
    }));

  it("many bad senders fill a family, but plain counters of others always have room", () =>
    inWorld(async (world) => {
      for (let i = 0; i < 6; i++) await push(world, `bad${i}`, "jobs", named(`x${i}.`, 250));
      for (let i = 0; i < 6; i++) await push(world, `bad${i}`, "errors", named(`x${i}.`, 250));
      expect([columns(world, "jobs"), columns(world, "errors")].every((n) => n <= 510)).toBe(true);
      expect(await push(world, "good", "tasks", named("z", 10))).toBe(0);
    }));

  it("where room is short, what was not reported for an hour gives way, and what is reported stays with its count", () =>
    inWorld(async (world) => {
      await push(world, "good", "jobs", named("y", 10));
      await push(world, "bad", "jobs", named("x", 250));
      await push(world, "bad2", "jobs", named("z", 250));
      expect(await push(world, "good", "jobs", ["new"])).toBe(1);
      world.monitor.now += HOUR + 1;
      expect(await push(world, "good", "jobs", [...named("y", 10), "new"])).toBe(0);
      expect(columns(world, "jobs")).toBeLessThanOrEqual(51);
      const count = (queue: string): number | undefined =>
        world.monitor.core.head().table.read("cas-eu", "jobs_total", { source: "push", queue });
      expect([count("y3"), count("new")]).toEqual([2, 1]);
    }));

  it("series of a large family end after a day without a report, those of a small one stay", () =>
    inWorld(async (world) => {
      await push(world, "one", "jobs", named("x", 100));
      await push(world, "one", "tasks", named("z", 10));
      const end = (): void => void world.monitor.core.record((head) => endSilent(head, world.monitor.now));
      world.monitor.now += 23 * HOUR;
      await push(world, "one", "jobs", named("x", 30));
      end();
      expect([columns(world, "jobs"), columns(world, "tasks")]).toEqual([100, 10]);
      world.monitor.now += 2 * HOUR;
      end();
      expect([columns(world, "jobs"), columns(world, "tasks")]).toEqual([50, 10]);
      world.restart(CONFIG);
      expect([columns(world, "jobs"), columns(world, "tasks")]).toEqual([50, 10]);
    }));
});
