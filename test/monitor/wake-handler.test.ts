import { applyD1Migrations, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, test, vi } from "vitest";
import { HistoryWriter } from "../../functions/monitor/history/history-writer.ts";
import { WakeHandler, type WakePorts } from "../../functions/monitor/wake-handler.ts";
import { isRetentionState, NOTHING_SWEPT, sweepHistory } from "../../functions/store/history/retention.ts";
import { writeHours } from "../../functions/store/history/write-history.ts";
import type { OfferedOverride } from "../../functions/store/override-kv.ts";
import { readHours } from "../store/history/read-hours.ts";
import { Deadlines } from "./deadlines.ts";
import { config, START, target, World } from "./world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A cron's delay into its minute. */
const PUNCTUAL_MS = 40;
const WATCHED = config([target("one")]);
const SAYS_NOTHING: OfferedOverride = { read: true, text: null };

/** A Monitor as the platform wakes it: by crons and by its alarm, evicted whenever a minute is over. */
class WokenMonitor {
  readonly world: World;
  /** What was done beside the tick, in order. */
  readonly done: string[] = [];
  readonly deadlines = new Deadlines();
  broken = false;
  handler: WakeHandler;

  constructor(storage: DurableObjectStorage) {
    this.world = new World(storage, WATCHED, {
      join: async () => ({ ok: true, generation: 1, sequence: 0, alerts: [] }),
      intake: async ({ slot }) => {
        this.done.push(`tell ${slot}`);
        return { ok: true, acknowledged: [] };
      },
    });
    this.world.alarmAt = Number.POSITIVE_INFINITY;
    this.handler = this.evict();
  }

  /** A new life: what was in memory is gone. */
  evict(): WakeHandler {
    const { world, done } = this;
    const { backlog } = world;
    const common = { now: () => world.now, startDeadline: this.deadlines.start, log: () => {} };
    const history = new HistoryWriter({
      ...common,
      backlog,
      shard: 0,
      retention: WATCHED.retention,
      write: (rows) => {
        done.push("ship");
        if (this.broken) return Promise.resolve({ ok: false, failure: "unreachable", rowsWritten: 0, statements: 0 });
        return writeHours(env.DB, rows);
      },
      sweep: (sweep) => {
        done.push("sweep");
        return sweepHistory(env.DB, sweep);
      },
      swept: () => backlog.read("retention", isRetentionState) ?? NOTHING_SWEPT,
      saveSwept: (state) => backlog.save("retention", state),
    });
    this.handler = new WakeHandler({
      ...common,
      core: world.restart(WATCHED),
      history,
      readOverride: async () => SAYS_NOTHING,
      settle: async () => void done.push("settle"),
    });
    return this.handler;
  }

  /** Crons at the times given for each minute, and the alarms between them, in their order. */
  async live(crons: (minute: number) => readonly number[], minutes: number): Promise<void> {
    const { world } = this;
    for (let minute = START; minute < START + minutes * MINUTE; minute += MINUTE) {
      const due = [...crons(minute)];
      for (let wakes = 0; ; wakes++) {
        const cronAt = due[0] ?? Number.POSITIVE_INFINITY;
        const next = Math.min(cronAt, world.alarmAt);
        if (next >= minute + MINUTE) break;
        if (wakes > 10) throw new Error(`The alarms of ${new Date(minute).toISOString()} do not come to rest.`);
        world.now = Math.max(world.now, next);
        if (cronAt <= world.alarmAt) {
          due.shift();
          await this.handler.wake(minute, SAYS_NOTHING);
        } else {
          world.alarmAt = Number.POSITIVE_INFINITY;
          await this.handler.alarm();
        }
      }
      this.evict();
    }
  }
}

const woken = (name: string, run: (monitor: WokenMonitor) => Promise<void>): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName(name), (_instance, { storage }) => run(new WokenMonitor(storage)));

/** Rows of a target that was watched long ago, one of which is due to lose its samples, and one to go. */
async function longAgo(): Promise<void> {
  for (const days of [31, 401])
    await env.DB.prepare(
      `INSERT INTO history (target, hour, owner, slots, runs, attempts, failures, degraded, skips, blocked,
        duration_sum_ms, duration_max_ms, probes, samples)
      VALUES ('gone', ?, '0:1', 60, 60, 60, 0, 0, 0, 0, 0, 0, '{}', x'00')`,
    )
      .bind((START - days * DAY) / 1000)
      .run();
}

const CRONS: [who: string, crons: (minute: number) => readonly number[]][] = [
  ["a cron that always wins", (minute) => [minute + PUNCTUAL_MS]],
  ["a cron that never comes again", (minute) => (minute === START ? [minute + PUNCTUAL_MS] : [])],
  ["a cron that comes twice each minute", (minute) => [minute + PUNCTUAL_MS, minute + 30_000]],
];

describe.each(CRONS)("a day with %s", (who, crons) => {
  it("writes every slot to history after sending its alerts, and deletes old data", async () => {
    await longAgo();
    await woken(who, async (monitor) => {
      const { world, done } = monitor;
      await monitor.live(crons, DAY / MINUTE);
      const slots = DAY / MINUTE;
      expect(world.count("zako_watch_ticks_total", "", "")).toBe(slots);
      expect(world.count("zako_watch_missed_slots_total", "", "")).toBe(0);
      expect(done.filter((one) => one.startsWith("tell"))).toEqual(
        Array.from({ length: slots }, (_, i) => `tell ${START + i * MINUTE}`),
      );
      // Every shipment comes right after the report of the newest slot.
      done.forEach((one, i) => {
        if (one === "ship" && done[i - 1] !== "ship") expect(done[i - 1]).toMatch(/^(tell|settle|sweep)/);
      });
      expect(done.filter((one) => one === "sweep").length).toBeGreaterThanOrEqual(24);
      expect(done.filter((one) => one === "settle").length).toBeGreaterThanOrEqual(slots - 1);

      const read = await readHours(env.DB, "one", { from: START, to: START + DAY, samples: true });
      if (!read.ok) throw new Error(read.failure);
      expect(read.hours.slice(0, 23).map(({ slots: ran }) => ran)).toEqual(Array.from({ length: 23 }, () => 60));
      expect(world.backlog.hours()).toEqual([START + 23 * HOUR]);
      // The newest hour is open: it is shipped by halves.
      const [newest] = read.hours.slice(23);
      expect((newest?.slots ?? 0) + world.backlog.slotsAfter(world.backlog.shipping().shippedThrough)).toBe(60);

      const { results } = await env.DB.prepare("SELECT hour, samples FROM history WHERE target = 'gone'").all();
      expect(results).toEqual([{ hour: (START - 31 * DAY) / 1000, samples: null }]);
      const twice = crons(START + MINUTE).length > 1;
      expect(world.count("zako_watch_wakes_total", "", 'waker="cron",result="already"')).toBe(twice ? slots : 0);
      expect(monitor.deadlines.running.size).toBe(0);
    });
  });
});

test("failures of history are counted once, though the Monitor is evicted after each", async () => {
  await woken("failures", async (monitor) => {
    monitor.broken = true;
    await monitor.live((minute) => [minute + PUNCTUAL_MS], 120);
    const { world } = monitor;
    const tries = monitor.done.filter((one) => one === "ship").length;
    expect(tries).toBeGreaterThan(3);
    expect(world.count("zako_watch_history_failures_total", "", "")).toBe(tries);
    expect(world.count("zako_watch_history_backlog_slots", "", "")).toBe(119);
  });
});

test("crons before the first migrations find no table, and lose nothing", async () => {
  // As a first deployment leaves it: the database exists, and nothing is in it.
  const tables = ["history", "incident", "notification", "config_push", "d1_migrations"];
  await env.DB.batch(tables.map((name) => env.DB.prepare(`DROP TABLE IF EXISTS ${name}`)));
  await woken("unmigrated", async (monitor) => {
    const { world } = monitor;
    await monitor.live((minute) => [minute + PUNCTUAL_MS], (4 * HOUR) / MINUTE);
    expect(world.count("zako_watch_ticks_total", "", "")).toBe(240);
    expect(world.count("zako_watch_history_failures_total", "", "")).toBeGreaterThan(0);
    const none = await readHours(env.DB, "one", { from: START, to: START + DAY, samples: true });
    expect(none).toEqual({ ok: false, failure: "schema" });

    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
    for (let minute = START + 4 * HOUR; minute < START + 6 * HOUR; minute += MINUTE) {
      world.now = minute + PUNCTUAL_MS;
      await monitor.handler.wake(minute, SAYS_NOTHING);
      monitor.evict();
    }
    const read = await readHours(env.DB, "one", { from: START, to: START + DAY, samples: true });
    if (!read.ok) throw new Error(read.failure);
    expect(read.hours.slice(0, 5).map(({ hour, slots }) => [hour, slots])).toEqual(
      Array.from({ length: 5 }, (_, i) => [START + i * HOUR, 60]),
    );
  });
});

describe("what follows a tick", () => {
  const handlerOf = (over: Partial<WakePorts>) => {
    const asked: number[] = [];
    const deadlines = new Deadlines();
    const handler = new WakeHandler({
      core: {
        wake: async () => ({ slot: 0, result: "run" }),
        alarm: async () => START + 9_000,
        alertsSent: async () => {},
        count: () => {},
        settledBefore: () => 0,
      },
      history: { keep: async () => {} },
      readOverride: async () => SAYS_NOTHING,
      settle: async () => {},
      now: () => START,
      startDeadline: (timeoutMs) => {
        asked.push(timeoutMs);
        return deadlines.start(timeoutMs);
      },
      log: () => {},
      ...over,
    });
    return { handler, asked, deadlines };
  };

  it("never makes the next alarm late", async () => {
    const { handler, asked, deadlines } = handlerOf({ history: { keep: () => new Promise(() => {}) } });
    const alarm = handler.alarm();
    await vi.waitFor(() => expect(deadlines.running.size).toBe(1));
    expect(asked).toEqual([9_000]);
    deadlines.expire();
    await alarm;
    expect(deadlines.running.size).toBe(0);
  });

  it("comes also where the tick broke", async () => {
    const keep = vi.fn(async () => {});
    const { handler } = handlerOf({
      core: {
        ...{ alarm: async () => START, alertsSent: async () => {}, count: () => {}, settledBefore: () => 0 },
        wake: () => Promise.reject(new Error("Storage takes nothing.")),
      },
      history: { keep },
    });
    await expect(handler.wake(START)).rejects.toThrow("Storage takes nothing.");
    expect(keep).toHaveBeenCalledTimes(1);
  });

  it("asks for the override only where no cron has brought it for a while", async () => {
    let now = START;
    const settle = vi.fn(async () => {});
    const { handler } = handlerOf({ settle, now: () => now });
    await handler.wake(START, SAYS_NOTHING);
    now += 62_000;
    await handler.alarm();
    expect(settle).toHaveBeenCalledTimes(1);
    now += 60_000;
    await handler.alarm();
    expect(settle).toHaveBeenCalledTimes(2);
  });
});
