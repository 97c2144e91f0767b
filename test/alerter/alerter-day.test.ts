import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { AlerterWorld, alert, alerterConfig, FakeMonitor, MINUTE, START } from "./world.ts";

const DAY = 24 * 60 * MINUTE;

const inWorld = (name: string, run: (world: AlerterWorld) => Promise<void>) =>
  runInDurableObject(env.MONITOR.getByName(name), (_instance, { storage }) =>
    run(new AlerterWorld(storage, alerterConfig({ heartbeats: ["watcher"] }))),
  );

const CRONS: [who: string, cronsMs: readonly number[]][] = [
  ["a cron that is always punctual", [40]],
  ["a cron that never comes", []],
  ["a cron that comes twice each minute", [40, 30_000]],
];

describe.each(CRONS)("a day with %s", (who, cronsMs) => {
  it("sends heartbeats, writes history and forgets what is old, though the object is evicted each minute", async () => {
    await inWorld(who, async (world) => {
      const monitor = new FakeMonitor(world);
      const endsAt = START - 5 * DAY + DAY / 2;
      const silence = { id: "old", matchers: [], startsAt: endsAt - 1, endsAt, author: "a", comment: "b" };
      world.core.putSilence({ ...silence, createdAt: endsAt - 1, maintenance: false } as never);
      const down = alert({ target: "a", alertname: "ZakoTargetDown" }, START + 60 * MINUTE);
      for (let minute = START; minute < START + DAY; minute += MINUTE) {
        if (minute === down.startsAt) monitor.begin(down);
        if (minute === down.startsAt + 30 * MINUTE) monitor.end(down);
        for (const cronMs of cronsMs) {
          await world.until(minute + cronMs);
          world.alarmAt = Math.min(world.alarmAt, world.now + 1);
        }
        // Never a whole minute after the one before, so that no report comes as late as an alarm that it had set.
        for (const reportMs of [2_000, 30_500 - ((minute / MINUTE) % 7) * 100]) {
          await world.until(Math.max(world.now, minute + reportMs));
          monitor.report();
        }
        await world.until(minute + MINUTE - 1);
        world.restart();
      }
      const minutes = DAY / MINUTE;
      expect(world.beats).toBeGreaterThanOrEqual(minutes - 2);
      expect(world.beats).toBeLessThanOrEqual(2 * minutes + 2);
      expect(world.arrivals.map(({ message }) => message.status)).toEqual(["firing", "resolved"]);
      expect(world.recorded.filter(({ kind }) => kind === "notification").length).toBeGreaterThanOrEqual(2);
      expect(world.core.head().silences.get("old")).toBeUndefined();
      expect(world.core.head().alerts.all.size).toBe(0);
      expect(world.deadlines.running.size).toBe(0);
    });
  });
});

it("does what it must each minute also where only reports come, and often", async () => {
  await inWorld("reports", async (world) => {
    const monitor = new FakeMonitor(world);
    for (let minutes = 0; minutes < 20; minutes++)
      for (let report = 0; report < 6; report++) {
        await world.until(START + minutes * MINUTE + report * 10_000 + 20);
        monitor.report();
      }
    expect(world.beats).toBeGreaterThanOrEqual(19);
  });
});

it("sends heartbeats while messages keep an alarm busy", async () => {
  await inWorld("busy", async (world) => {
    const monitor = new FakeMonitor(world);
    monitor.begin(alert({ target: "a" }, world.now));
    monitor.report();
    let free: () => void = () => {};
    world.onDeliver = () => new Promise((resolve) => (free = resolve));
    const alarm = world.fire();
    await vi.waitFor(() => expect(world.tries.length).toBe(1));
    for (let minute = 1; minute <= 2; minute++) {
      const { beats } = world;
      world.now += MINUTE;
      monitor.report();
      await vi.waitFor(() => expect([...world.deadlines.running.values()]).toContain(MINUTE));
      world.deadlines.expire(MINUTE);
      await vi.waitFor(() => expect(world.beats).toBe(beats + 1));
    }
    free();
    await alarm;
    expect(world.tries.length).toBe(1);
    expect(world.deadlines.running.size).toBe(0);
  });
});
