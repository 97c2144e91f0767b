import { describe, expect, it } from "vitest";
import { table } from "./data-model-table.ts";
import { BEGAN, inPushWorld, type PushWorld } from "./push-world.ts";

const counted = (world: PushWorld): number[] => {
  const [low = 0, middle = 0, high = 0] = [
    [0, 1, 2, 3, 4],
    [5, 6, 7],
    [8, 9, 10, 11],
  ].map((indices) =>
    indices.reduce(
      (all, i) =>
        all +
        (world.monitor.stored().get(`zako_v1_worker_queue_wait_seconds{cas-eu;source="push",pool="v8"}[${i}]`) ?? 0),
      0,
    ),
  );
  return [low, middle, high];
};

describe("the OpenTelemetry metrics data model", () => {
  it("has at least 30 rows, each with its section", () => {
    expect(table.length).toBeGreaterThanOrEqual(30);
    expect(table.every(({ section }) => section !== "")).toBe(true);
  });

  it.each(table.map((row) => [row.section, row.says, row] as const))("%s: %s", (_section, _says, row) =>
    inPushWorld(async (world) => {
      world.monitor.now = BEGAN + 200_000;
      for (const request of row.requests) {
        expect((await world.metrics(request)).status).toBe(200);
        world.monitor.now += 10_000;
      }
      const labels = { source: "push", pool: "v8" };
      const rejected: Record<string, number> = {};
      for (const [name, value] of world.monitor.stored()) {
        const reason = /^zako_watch_push_rejected_total.*reason="(\w+)"/.exec(name)?.[1];
        if (reason !== undefined && value > 0) rejected[reason] = value;
      }
      expect({
        counter: world.stored("zako_v1_worker_gc_runs_total", labels),
        gauge: world.stored("zako_v1_worker_queue_length", labels),
        histogram: counted(world),
        refused: rejected,
        repeats: world.stored("zako_watch_push_repeats_total"),
      }).toEqual({
        counter: row.counter ?? 0,
        gauge: row.gauge ?? 0,
        histogram: row.histogram ?? [0, 0, 0],
        refused: row.refused ?? {},
        repeats: row.repeats ?? 0,
      });
    }),
  );
});
