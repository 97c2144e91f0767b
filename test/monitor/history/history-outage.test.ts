import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { failure } from "../../../functions/model/probing/failure.ts";
import { HistoryWriter } from "../../../functions/monitor/history/history-writer.ts";
import { isRetentionState, NOTHING_SWEPT, sweepHistory } from "../../../functions/store/history/retention.ts";
import { writeHours } from "../../../functions/store/history/write-history.ts";
import { readHours } from "../../store/history/read-hours.ts";
import { Deadlines } from "../deadlines.ts";
import { config, plan, START, sampleOf, target, World } from "../world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("D1 fails for three hours: probing continues, and afterwards every hour is there once and correct", async () => {
  const watched = config([target("a", [plan("health")]), target("b", [plan("health")])]);
  await runInDurableObject(env.MONITOR.getByName("outage"), async (_instance, state) => {
    const world = new World(state.storage, watched);
    let broken = false;
    const newWriter = (): HistoryWriter =>
      new HistoryWriter({
        backlog: world.backlog,
        shard: 0,
        retention: watched.retention,
        write: (rows) =>
          broken
            ? Promise.resolve({ ok: false, failure: "unreachable", rowsWritten: 0, statements: 0 })
            : writeHours(env.DB, rows),
        sweep: (sweep) => sweepHistory(env.DB, sweep),
        swept: () => world.backlog.read("retention", isRetentionState) ?? NOTHING_SWEPT,
        saveSwept: (swept) => world.backlog.save("retention", swept),
        now: () => world.now,
        startDeadline: new Deadlines().start,
        log: (event) => world.events.push(event),
      });
    let manager = newWriter();
    // Every seventh run of b fails, from its third hour on; nothing of it may be lost or counted twice.
    let expectedFailures = 0;
    world.probe = async (tasks, _d, deliver) =>
      deliver(
        tasks.map((o) => {
          if (o.target.name !== "b" || o.attempt > 0 || (o.slot / MINUTE) % 7 !== 0) return sampleOf(o, world.now);
          expectedFailures++;
          return sampleOf(o, world.now, "failed", failure("timeout", false));
        }),
      );
    const HOURS = 6;
    for (let minute = 0; minute < HOURS * 60; minute++) {
      world.now = START + minute * MINUTE;
      broken = minute >= 60 && minute < 240;
      if (minute === 150) {
        world.restart(watched);
        manager = newWriter();
      }
      await world.core.wake(world.now, "cron");
      await world.core.confirm();
      await manager.keep(world.core);
      if (minute === 239) {
        expect(world.count("zako_v1_probe_attempts_total", "a", 'probe="health",vantage="local"')).toBe(240);
        expect(world.count("zako_watch_history_failures_total", "", "")).toBeGreaterThan(0);
        expect(world.count("zako_watch_history_backlog_slots", "", "")).toBeGreaterThanOrEqual(178);
      }
    }
    // Two hours more without a failure let shipping catch up and close the hours.
    for (let minute = 0; minute < 120; minute++) {
      world.now = START + HOURS * HOUR + minute * MINUTE;
      await world.core.wake(world.now, "cron");
      await world.core.confirm();
      await manager.keep(world.core);
    }
    for (const name of ["a", "b"]) {
      const got = await readHours(env.DB, name, { from: START, to: START + HOURS * HOUR, samples: true });
      if (!got.ok) throw new Error(got.failure);
      expect(got.hours.map((h) => h.hour)).toEqual(Array.from({ length: HOURS }, (_, i) => START + i * HOUR));
      for (const hour of got.hours) expect(hour.slots, `${name} ${new Date(hour.hour).toISOString()}`).toBe(60);
      const confirmations = got.hours.reduce((n, h) => n + h.total.attempts, 0) - HOURS * 60;
      const failures = got.hours.reduce((n, h) => n + h.total.failures, 0);
      const inSix = Array.from({ length: HOURS * 60 }, (_, m) => (START / MINUTE + m) % 7 === 0).filter(Boolean).length;
      expect(failures).toBe(name === "b" ? inSix : 0);
      expect(confirmations).toBe(name === "b" ? inSix : 0);
    }
    const { results } = await env.DB.prepare("SELECT count(*) AS n FROM history WHERE hour < ?")
      .bind((START + HOURS * HOUR) / 1000)
      .all<{ n: number }>();
    expect(results[0]?.n).toBe(2 * HOURS);
    expect(expectedFailures).toBeGreaterThan(0);
    expect(world.backlog.shipping().droppedSlots).toBe(0);
  });
});
