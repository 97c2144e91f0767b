import { createExecutionContext, createScheduledController, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { JoinAnswer } from "../../functions/model/alerting/alert.ts";
import worker from "../../functions/worker.ts";
import { AlerterWorld, alert, alerterConfig, FakeMonitor, MINUTE } from "../alerter/world.ts";
import { config, START, sampleOf, target, World } from "./world.ts";

const never = (): Promise<never> => new Promise(() => {});

/** Runs a Monitor on storage of its own. */
const monitorWorld = (name: string, run: (world: World) => Promise<void>, answer?: () => Promise<JoinAnswer>) =>
  runInDurableObject(env.MONITOR.getByName(name), async (_instance, { storage }) => {
    const intake = async () => ({ ok: true as const, acknowledged: [] });
    const world = new World(storage, config([target("a")]), answer && { join: answer, intake });
    await run(world);
  });

const joined: JoinAnswer = { ok: true, generation: 1, sequence: 0, alerts: [] };

describe("no deadline outlives its work in a Monitor:", () => {
  it("a tick and the report of its alerts", async () => {
    await monitorWorld(
      "tick",
      async (world) => {
        let atWork = 0;
        world.probe = async (tasks, _deadline, deliver) => {
          atWork = world.deadlines.running.size;
          deliver(tasks.map((task) => sampleOf(task, world.now)));
        };
        await world.core.wake(START, "cron");
        await world.core.alertsSent();
        expect(atWork).toBe(1);
        expect(world.deadlines.running.size).toBe(0);
      },
      async () => joined,
    );
  });

  it("a tick whose prober throws, and one whose prober never answers", async () => {
    await monitorWorld("broken", async (world) => {
      world.probe = () => Promise.reject(new Error("It broke."));
      await world.core.wake(START, "cron").catch(() => {});
      expect(world.deadlines.running.size).toBe(0);
      world.probe = never;
      const tick = world.core.wake(START, "cron");
      world.deadline.abort();
      await tick;
      expect(world.deadlines.running.size).toBe(0);
    });
  });

  it("an Alerter that throws, and one that never answers", async () => {
    let asked = 0;
    await monitorWorld(
      "unanswered",
      async (world) => {
        await world.core.wake(START, "cron");
        await vi.waitFor(() => expect(asked).toBe(2));
        world.deadline.abort();
        await world.core.alertsSent();
        expect(world.deadlines.running.size).toBe(0);
      },
      () => (++asked === 1 ? Promise.reject(new Error("The connection is lost.")) : never()),
    );
  });
});

const alerterWorld = (name: string, run: (world: AlerterWorld) => Promise<void>) =>
  runInDurableObject(env.MONITOR.getByName(name), (_instance, { storage }) =>
    run(new AlerterWorld(storage, alerterConfig({ heartbeats: ["one", "two"] }))),
  );

describe("no deadline outlives its work in the Alerter:", () => {
  it("messages, heartbeats and history", async () => {
    await alerterWorld("messages", async (world) => {
      const monitor = new FakeMonitor(world);
      monitor.begin(alert({ target: "a", alertname: "ZakoTargetDown" }, world.now));
      let atWork = 0;
      world.onDeliver = async () => {
        atWork = Math.max(atWork, world.deadlines.running.size);
      };
      for (let minute = 0; minute < 3; minute++) {
        monitor.report();
        await world.until(world.now + MINUTE);
      }
      expect(world.arrivals).toHaveLength(1);
      expect(world.beats).toBeGreaterThan(0);
      expect(world.recorded.length).toBeGreaterThan(0);
      expect(atWork).toBeGreaterThan(0);
      expect(world.deadlines.running.size).toBe(0);
    });
  });

  it("a receiver that never answers", async () => {
    await alerterWorld("hung", async (world) => {
      const monitor = new FakeMonitor(world);
      monitor.begin(alert({ target: "a" }, world.now));
      monitor.report();
      world.onDeliver = never;
      const run = world.until(world.now + MINUTE);
      await vi.waitFor(() => expect(world.tries.length).toBe(1));
      world.onDeliver = undefined;
      world.deadlines.expire();
      await run;
      expect(world.events).toContainEqual(expect.objectContaining({ event: "notification", tries: 1 }));
      expect(world.deadlines.running.size).toBe(0);
    });
  });
});

describe("the whole Worker", () => {
  afterEach(() => vi.restoreAllMocks());

  it("leaves no timer behind: not after a cron, nor its alarms, nor a page", async () => {
    vi.spyOn(Date, "now").mockImplementation(() => START);
    vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.reject(new Error("Network connection lost.")));
    vi.spyOn(console, "log").mockImplementation(() => {});
    const timeouts = vi.spyOn(AbortSignal, "timeout");
    const waits = vi.spyOn(scheduler, "wait");
    const running = timersOfOurs();
    await worker.scheduled(createScheduledController({ scheduledTime: new Date(START) }), env);
    await runInDurableObject(env.MONITOR.getByName("monitor:0"), (monitor) => monitor.alarm());
    await runInDurableObject(env.ALERTER.getByName("alerter"), (alerter) => alerter.alarm());
    const headers = { authorization: "Bearer metrics" };
    const request = new Request("https://watch.example/prometheus/rules.yml", { headers });
    const secrets = Object.assign(Object.create(env), { METRICS_TOKEN: "metrics" });
    await worker.fetch(request as Parameters<typeof worker.fetch>[0], secrets, createExecutionContext());
    expect(running.started()).toBeGreaterThan(3);
    expect(running.left()).toEqual([]);
    expect(timeouts).not.toHaveBeenCalled();
    expect(waits).not.toHaveBeenCalled();
  });
});

/** Timers that the Worker's own code has started, with where it did. */
function timersOfOurs(): { started: () => number; left: () => string[] } {
  const timers = new Map<unknown, string>();
  let started = 0;
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, delayMs: number) => {
    const timer = set(() => {
      timers.delete(timer);
      work();
    }, delayMs);
    const { stack = "" } = new Error("here");
    if (!stack.includes("/functions/")) return timer;
    started++;
    timers.set(timer, stack);
    return timer;
  }) as typeof setTimeout);
  vi.spyOn(globalThis, "clearTimeout").mockImplementation((timer) => {
    timers.delete(timer);
    clear(timer as Parameters<typeof clear>[0]);
  });
  return { started: () => started, left: () => [...timers.values()] };
}
