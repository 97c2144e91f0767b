import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { HealthCache, type KeptHealth } from "../../functions/expose/health-cache.ts";
import { judgeHealth, type MonitorHealth } from "../../functions/expose/judge-health.ts";
import { Monitor } from "../../functions/monitor/monitor.ts";
import worker from "../../functions/worker.ts";

const START = Date.UTC(2026, 10, 22, 12);
const GRID = 60_000;

/** Monitors whose ticks a test decides, and isolates that ask them. */
class World {
  now = START;
  asked = 0;
  lastSlot = START;
  /** What asking comes to; the default answers at once. */
  answer: () => Promise<MonitorHealth | undefined> = async () => ({ lastSlot: this.lastSlot, since: 0 });
  kept: KeptHealth | undefined;
  pause = async (durationMs: number): Promise<void> => {
    this.now += durationMs;
  };

  isolate(isShared = false): HealthCache {
    return new HealthCache({
      ask: async () => {
        this.asked++;
        return [await this.answer()];
      },
      shared: {
        read: async () => (isShared ? this.kept : undefined),
        write: async (kept) => {
          this.kept = kept;
        },
      },
      gridMs: GRID,
      now: () => this.now,
      pause: (durationMs) => this.pause(durationMs),
    });
  }

  async status(cache: HealthCache): Promise<string> {
    return judgeHealth(await cache.reports(), GRID, this.now).status;
  }
}

describe("health from a cache", () => {
  it("of 1,000 calls in ten seconds costs two requests", async () => {
    const world = new World();
    const cache = world.isolate();
    for (let i = 0; i < 1_000; i++, world.now += 10) expect(await world.status(cache)).toBe("ok");
    expect(world.asked).toBe(2);
  });

  it("of 1,000 calls at once costs one, the first ones included", async () => {
    const world = new World();
    const cache = world.isolate();
    const reply = Promise.withResolvers<void>();
    world.answer = () => reply.promise.then(() => ({ lastSlot: START, since: 0 }));
    // They all wait at the same time, and for the same.
    world.pause = () => reply.promise.then(() => Promise.resolve());
    const calls = Array.from({ length: 1_000 }, () => world.status(cache));
    await vi.waitFor(() => expect(world.asked).toBe(1));
    reply.resolve();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["ok"]));
    expect(world.asked).toBe(1);
  });

  it("turns bad in the same second as it would without one, when ticks stop", async () => {
    const world = new World();
    const cache = world.isolate();
    for (; world.now < START + 400_000; world.now += 1_000) {
      // The last tick is that of 12:02.
      world.lastSlot = Math.min(START + 2 * GRID, Math.floor(world.now / GRID) * GRID);
      const bare = judgeHealth([{ lastSlot: world.lastSlot, since: 0 }], GRID, world.now).status;
      expect([world.now, await world.status(cache)]).toEqual([world.now, bare]);
    }
    expect(world.asked).toBeLessThan(250);
  });

  it("never says for longer than a second that ticks have stopped when they have not, nor the other way round", async () => {
    const step = fc.record({ aheadMs: fc.integer({ min: 1, max: 40_000 }), ticks: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const world = new World();
        const cache = world.isolate();
        for (const { aheadMs, ticks } of steps) {
          world.now += aheadMs;
          if (ticks) world.lastSlot = Math.floor(world.now / GRID) * GRID;
          const bare = judgeHealth([{ lastSlot: world.lastSlot, since: 0 }], GRID, world.now).status;
          if ((await world.status(cache)) === bare) continue;
          world.now += 1_000;
          expect(await world.status(cache)).toBe(
            judgeHealth([{ lastSlot: world.lastSlot, since: 0 }], GRID, world.now).status,
          );
        }
      }),
    );
  });

  it("is asked for again once whoever asked was cancelled", async () => {
    const world = new World();
    const cache = world.isolate();
    const answer = world.answer;
    world.answer = () => new Promise(() => {});
    void cache.reports();
    await vi.waitFor(() => expect(world.asked).toBe(1));
    world.answer = answer;
    expect(await world.status(cache)).toBe("ok");
    expect(world.now - START).toBe(2_000);
  });

  it("is shared with other isolates, whose clocks may be wrong", async () => {
    const world = new World();
    await world.isolate(true).reports();
    await world.isolate(true).reports();
    expect(world.asked).toBe(1);
    world.now -= 60_000;
    await world.isolate(true).reports();
    expect(world.asked).toBe(2);
  });

  it("asks again every second while a Monitor is silent", async () => {
    const world = new World();
    const cache = world.isolate();
    world.answer = async () => undefined;
    for (let i = 0; i < 30; i++, world.now += 100) expect(await world.status(cache)).toBe("silent");
    expect(world.asked).toBe(3);
  });
});

describe("strangers at the whole Worker", () => {
  afterEach(() => vi.restoreAllMocks());

  it("cost a Durable Object request or two with 1,000 calls of /healthz and the runbooks, and still see ticks stop", async () => {
    let now = START + 31 * 24 * 3_600_000;
    vi.spyOn(Date, "now").mockImplementation(() => now);
    vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.reject(new Error("Network connection lost.")));
    const lines = vi.spyOn(console, "log").mockImplementation(() => {});
    const reports = vi.spyOn(Monitor.prototype, "report");
    const printed = vi.spyOn(Monitor.prototype, "inForce");
    await worker.scheduled(createScheduledController({ scheduledTime: new Date(now) }), env);
    const get = async (path: string): Promise<number> => {
      const request = new Request(`https://watch.example${path}`) as Parameters<typeof worker.fetch>[0];
      const response = await worker.fetch(request, env, createExecutionContext());
      await response.arrayBuffer();
      return response.status;
    };
    const seen = new Set<number>();
    for (let i = 0; i < 100; i++)
      for (const status of await Promise.all(Array.from({ length: 10 }, () => get("/healthz")))) seen.add(status);
    for (let i = 0; i < 100; i++) seen.add(await get("/runbooks/target-down"));
    expect(seen).toEqual(new Set([200]));
    expect(reports.mock.calls.length).toBe(1);
    expect(printed.mock.calls.length).toBeLessThanOrEqual(1);
    // What protecting.md says of the logs: strangers add nothing, and a tick that changes nothing is one line.
    expect(logged(lines)).toContain("tick");
    lines.mockClear();
    now += 2.5 * GRID + 1;
    expect(await get("/healthz")).toBe(503);
    expect(lines).not.toHaveBeenCalled();
    for (let i = 0; i < 4; i++, now += GRID)
      await worker.scheduled(createScheduledController({ scheduledTime: new Date(now) }), env);
    lines.mockClear();
    await worker.scheduled(createScheduledController({ scheduledTime: new Date(now) }), env);
    expect(logged(lines)).toEqual(["tick"]);
  });
});

/** The events that were logged. */
const logged = (lines: MockInstance): string[] => lines.mock.calls.map(([line]) => JSON.parse(String(line)).event);
