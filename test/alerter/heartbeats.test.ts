import { afterEach, describe, expect, it, vi } from "vitest";
import { HEARTBEATS, WiredAlerter, wiredConfig } from "./wired-world.ts";
import { alert, FakeMonitor, MINUTE } from "./world.ts";

afterEach(() => vi.restoreAllMocks());

const BOTH = ["POST https://heartbeat.example/ping/1", "POST https://heartbeat.example/ping/2"];

/** An Alerter with two shards and two heartbeats. */
const play = (run: (wired: WiredAlerter, monitors: [FakeMonitor, FakeMonitor]) => Promise<void>): Promise<void> =>
  WiredAlerter.run(wiredConfig(["a", "b"], 2, { heartbeats: HEARTBEATS }), (wired) =>
    run(wired, [new FakeMonitor(wired, 0), new FakeMonitor(wired, 1)]),
  );

/** What was counted of heartbeats. */
const counted = ({ core }: WiredAlerter, result: string): number =>
  core.head().series.read("", "zako_watch_heartbeats_total", { result }) ?? 0;

describe("heartbeats", () => {
  it("each go out once a minute while every shard reports", async () => {
    await play(async (wired, monitors) => {
      await wired.minutes(1, ...monitors);
      expect(wired.pings).toEqual(BOTH);
      await wired.minutes(9, ...monitors);
      expect(wired.pings).toHaveLength(20);
      expect(counted(wired, "sent")).toBe(20);
      expect(counted(wired, "withheld")).toBe(0);
    });
  });

  it("stay away until every shard has reported for the first time", async () => {
    await play(async (wired, [first, second]) => {
      await wired.minutes(2);
      await wired.minutes(2, first);
      expect(wired.pings).toEqual([]);
      expect(counted(wired, "withheld")).toBeGreaterThan(0);
      await wired.minutes(1, first, second);
      expect(wired.pings).toEqual(BOTH);
    });
  });

  it.each([0, 1])("stay away while shard %i is stale, and come back with it", async (silent) => {
    await play(async (wired, monitors) => {
      await wired.minutes(2, ...monitors);
      const lastSeenAt = wired.now - 5_000;
      const others = monitors.filter(({ shard }) => shard !== silent);
      wired.pings.length = 0;
      for (const [sinceMs, pings] of [
        [MINUTE, BOTH],
        [2 * MINUTE, BOTH],
        [3 * MINUTE - 1, BOTH],
        [4 * MINUTE - 1, []],
        [10 * MINUTE, []],
      ] as const) {
        wired.now = lastSeenAt + sinceMs;
        for (const monitor of others) monitor.report();
        await wired.core.wake();
        expect(wired.pings.splice(0), `${sinceMs} ms`).toEqual(pings);
      }
      await wired.minutes(1, ...monitors);
      expect(wired.pings).toEqual(BOTH);
    });
  });

  it("stay away from the very moment at which a shard is stale", async () => {
    await play(async (wired, monitors) => {
      await wired.minutes(2, ...monitors);
      wired.now += 3 * MINUTE - 5_000;
      monitors[0].report();
      wired.pings.length = 0;
      await wired.core.wake();
      expect(wired.pings).toEqual([]);
    });
  });

  it("stay away while a message has not got through for five minutes", async () => {
    await play(async (wired, monitors) => {
      await wired.minutes(1, ...monitors);
      wired.hookStatus = 500;
      monitors[0].begin(alert({ target: "a" }, wired.now));
      await wired.minutes(5, ...monitors);
      expect(wired.pings).toHaveLength(2 * 6);
      await wired.minutes(3, ...monitors);
      expect(wired.pings).toHaveLength(2 * 6);
      wired.hookStatus = 200;
      await wired.minutes(2, ...monitors);
      wired.pings.length = 0;
      await wired.minutes(1, ...monitors);
      expect(wired.pings).toEqual(BOTH);
    });
  });

  it("that their receiver refuses are counted as failed, and sent again with the next minute", async () => {
    await play(async (wired, monitors) => {
      wired.beatStatus = 503;
      await wired.minutes(2, ...monitors);
      expect([counted(wired, "sent"), counted(wired, "failed")]).toEqual([0, 4]);
      wired.beatStatus = 204;
      await wired.minutes(1, ...monitors);
      expect([counted(wired, "sent"), counted(wired, "failed")]).toEqual([2, 4]);
    });
  });
});
