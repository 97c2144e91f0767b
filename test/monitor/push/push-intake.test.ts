import { expect, test } from "vitest";
import { endSilent } from "../../../functions/monitor/tick/fold-reported.ts";
import { exceptionOf, gauge, spanOf, spansOf } from "../../expose/push/otlp-samples.ts";
import { BEGAN, counter, exportOf, inPushWorld, ONE, type PushWorld } from "../../expose/push/push-world.ts";

const MOST_RECENT_IDS = 2_048;

const GROUP_MS = 100;

const BETWEEN_COMMITS_MS = 1_000;

const MOST_KINDS = 20;

const RUNS = "zako.v1.worker.gc_runs";
const runs = (world: PushWorld): number => world.stored("zako_v1_worker_gc_runs_total", { source: "push", pool: "v8" });
const total = (value: number, instance = "one", start = BEGAN) =>
  exportOf([counter(RUNS, value, start, { pool: "v8" })], instance);
const source = { source: "push" };
const MINUTE = 60_000;

test("a process that pushes once and ends is counted whole, and two at once do not disturb each other", () =>
  inPushWorld(async (world) => {
    await Promise.all([world.metrics(total(3, "a")), world.metrics(total(5, "b", BEGAN + 7))]);
    expect(runs(world)).toBe(8);
    await world.metrics(total(4, "c", BEGAN + 30_000));
    expect(runs(world)).toBe(12);
  }));

test("a process that pushes again and again adds what is new, also after it began again, and a repeat adds nothing", () =>
  inPushWorld(async (world) => {
    for (const value of [3, 5, 5, 9]) await world.metrics(total(value));
    expect(runs(world)).toBe(9);
    world.monitor.now += 10 * MINUTE;
    await world.metrics(total(2, "one", BEGAN + 5 * MINUTE));
    expect(runs(world)).toBe(11);
    const late = await world.metrics(total(8));
    expect(late.status).toBe(200);
    expect(runs(world)).toBe(11);
    expect(world.stored("zako_watch_push_rejected_total", { reason: "out_of_order" })).toBe(1);
  }));

test("what a known process reports for the first time is new, although it has the start of the process", () =>
  inPushWorld(async (world) => {
    const both = (v8: number, oxc: number, instance: string, start: number) =>
      exportOf([counter(RUNS, v8, start, { pool: "v8" }), counter(RUNS, oxc, start, { pool: "oxc" })], instance);
    const oxc = (): number => world.stored("zako_v1_worker_gc_runs_total", { ...source, pool: "oxc" });
    await world.metrics(total(1, "young"));
    await world.metrics(both(2, 5, "young", BEGAN));
    expect([runs(world), oxc()]).toEqual([2, 5]);
    // One that ran before it was known tells its first export in parts: nothing of that is new.
    const old = BEGAN - 24 * 60 * MINUTE;
    await world.metrics(total(1_000, "old", old));
    await world.metrics(exportOf([counter(RUNS, 1_000, old, { pool: "oxc" })], "old"));
    expect([runs(world), oxc()]).toEqual([2, 5]);
    await world.metrics(both(1_001, 1_003, "old", old));
    expect([runs(world), oxc()]).toEqual([3, 8]);
  }));

test("a process whose clock is far ahead is counted from its second push on, and others are not taken for old ones", () =>
  inPushWorld(async (world) => {
    const ahead = BEGAN + 365 * 86_400_000;
    for (const value of [3, 5]) await world.metrics(total(value, "ahead", ahead));
    expect(runs(world)).toBe(2);
    world.monitor.now += 3 * 60 * MINUTE;
    world.monitor.core.record((head) => endSilent(head, world.monitor.now));
    await world.metrics(total(4, "b", world.monitor.now - MINUTE));
    expect(runs(world)).toBe(6);
  }));

test("counts survive a restart of the Monitor, and continue from there", () =>
  inPushWorld(async (world) => {
    await world.metrics(total(3));
    world.restart(ONE);
    await world.metrics(total(5));
    expect(runs(world)).toBe(5);
  }));

test("a span is counted once, however often it is sent, and by whatever life of the Monitor", () =>
  inPushWorld(async (world) => {
    const first = spansOf([
      spanOf(1, "program start", 2_000),
      spanOf(2, "load module", 30, [exceptionOf("a::b::TypeError")]),
    ]);
    await world.spans(first);
    await Promise.all([world.spans(first), world.spans(first)]);
    world.restart(ONE);
    await world.spans(
      spansOf([spanOf(2, "load module", 30, [exceptionOf("TypeError")]), spanOf(3, "load module", 40)]),
    );
    expect(world.stored("zako_v1_engine_exceptions_total", { source: "push", kind: "TypeError" })).toBe(1);
    const counted = (family: string, buckets: number): number =>
      Array.from(
        { length: buckets + 1 },
        (_, i) => world.monitor.stored().get(`${family}{cas-eu;source="push"}[${i}]`) ?? 0,
      ).reduce((sum, n) => sum + n, 0);
    expect(counted("zako_v1_build_duration_seconds", 12)).toBe(1);
    expect(counted("zako_v1_engine_module_load_seconds", 11)).toBe(2);
    expect(world.stored("zako_watch_push_repeats_total")).toBe(2 * 3 + 2);
    expect(world.stored("zako_watch_push_points_total", { signal: "traces" })).toBe(2 * 3 + 2);
  }));

test("spans that nobody asked for are taken and count as a push, and no more than so many are remembered", () =>
  inPushWorld(async (world) => {
    const many = (from: number) => Array.from({ length: 512 }, (_, i) => spanOf(from + i, "load module", 1));
    await world.spans(spansOf([spanOf(1, "else", 5)]));
    expect(world.stored("zako_watch_push_points_total", { signal: "traces" })).toBe(1);
    for (let i = 0; i < 6; i++) await world.spans(spansOf(many(i * 512)));
    const [row] = world.monitor.recentIds();
    expect(row).toBe(MOST_RECENT_IDS);
  }));

test("kinds of exceptions are bounded: the others are one", () =>
  inPushWorld(async (world) => {
    for (let batch = 0; batch < 2; batch++) {
      const spans = Array.from({ length: 30 }, (_, i) =>
        spanOf(100 * batch + i, "x", 1, [exceptionOf(`E${batch}x${i}`)]),
      );
      await world.spans(spansOf(spans));
    }
    const kinds = [...world.monitor.stored().keys()].filter((name) =>
      name.startsWith("zako_v1_engine_exceptions_total"),
    );
    expect(kinds).toHaveLength(MOST_KINDS + 1);
    expect(world.stored("zako_v1_engine_exceptions_total", { source: "push", kind: "other" })).toBe(60 - MOST_KINDS);
  }));

test("a gauge ends when nothing is pushed for as long as `stale_after`", () =>
  inPushWorld(async (world) => {
    const depth = (): number => world.stored("zako_v1_worker_queue_length", { source: "push", pool: "v8" });
    await world.metrics(exportOf([gauge("zako.v1.worker.queue_length", 4, { pool: "v8" })]));
    const end = (): void => void world.monitor.core.record((head) => endSilent(head, world.monitor.now));
    world.monitor.now += 14 * MINUTE;
    end();
    expect(depth()).toBe(4);
    world.monitor.now += 2 * MINUTE;
    end();
    expect(depth()).toBeNaN();
  }));

test("pushes that come close together share a commit, and no more than one commit is made in a second", () =>
  inPushWorld(async (world) => {
    await world.metrics(total(1));
    world.atOnce = false;
    world.monitor.now += 300;
    world.monitor.rows = 0;
    const pushes = [2, 3, 4, 5].map((value) => world.metrics(total(value)));
    await world.settled(() => world.batches.length === 5);
    expect(world.waits.map(({ ms }) => ms)).toEqual([BETWEEN_COMMITS_MS - 300]);
    expect(runs(world)).toBe(1);
    world.waits.pop()?.end();
    expect((await Promise.all(pushes)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(runs(world)).toBe(5);
    // Series, what the teller said last, and the head.
    expect(world.monitor.rows).toBe(3);
    world.monitor.now += 5_000;
    const next = world.metrics(total(6));
    await world.settled(() => world.waits.length > 0);
    expect(world.waits.map(({ ms }) => ms)).toEqual([GROUP_MS]);
    world.waits.pop()?.end();
    await next;
  }));

test("a push of metrics writes three rows, one of spans three, and what is refused whole two", () =>
  inPushWorld(async (world) => {
    const cost = async (ask: () => Promise<Response>): Promise<number> => {
      world.monitor.now += MINUTE;
      world.monitor.rows = 0;
      await ask();
      return world.monitor.rows;
    };
    await world.metrics(total(1));
    await world.spans(spansOf([spanOf(1, "load module", 5)]));
    await world.post("metrics", "{");
    expect(await cost(() => world.metrics(total(2)))).toBe(3);
    expect(await cost(() => world.spans(spansOf([spanOf(2, "load module", 5)])))).toBe(3);
    expect(await cost(() => world.post("metrics", "{"))).toBe(2);
  }));

test("a push in the middle of a tick is stored at once, and the tick ends as it would have", () =>
  inPushWorld(async (world) => {
    const { monitor } = world;
    const answered = monitor.probe;
    const { promise, resolve } = Promise.withResolvers<void>();
    monitor.probe = async (...batch) => {
      await promise;
      await answered(...batch);
    };
    const tick = monitor.core.wake(monitor.now, "cron");
    await world.metrics(total(3));
    expect(runs(world)).toBe(3);
    resolve();
    expect((await tick).result).toBe("run");
    expect(runs(world)).toBe(3);
    expect(monitor.count("zako_v1_probe_attempts_total", "cas-eu", 'probe="health",vantage="local"')).toBe(1);
  }));

test("a push whose commit fails in the middle of a tick leaves nothing of itself in the tick, whose slot is run again", () =>
  inPushWorld(async (world) => {
    const { monitor } = world;
    const answered = monitor.probe;
    const { promise, resolve } = Promise.withResolvers<void>();
    monitor.probe = async (...batch) => {
      await promise;
      await answered(...batch);
    };
    const slot = monitor.now;
    const tick = monitor.core.wake(slot, "cron").catch((error: Error) => error.message);
    monitor.failCommits = true;
    expect((await world.metrics(total(3))).status).toBe(503);
    monitor.failCommits = false;
    expect((await world.metrics(total(4))).status).toBe(200);
    resolve();
    expect(await tick).toMatch(/Cannot commit/);
    expect(runs(world)).toBe(4);
    monitor.probe = answered;
    expect((await monitor.core.wake(slot, "cron")).result).toBe("run");
    expect(runs(world)).toBe(4);
    expect(monitor.count("zako_v1_probe_attempts_total", "cas-eu", 'probe="health",vantage="local"')).toBe(1);
    expect(monitor.count("zako_watch_missed_slots_total", "", "")).toBe(0);
  }));

test("the probe is healthy while pushes come, and stale when none has come for `stale_after`", () =>
  inPushWorld(async (world) => {
    const { monitor } = world;
    const memory = () => monitor.core.head().memories.get("cas-eu").pushedAt;
    expect(memory()).toBeUndefined();
    await world.metrics(total(1));
    const first = monitor.now;
    monitor.now += 10_000;
    await world.metrics(total(2));
    // Kept coarsely: each change is written.
    expect(memory()).toBe(first);
    monitor.now += MINUTE;
    await world.metrics(total(3));
    expect(memory()).toBe(monitor.now);
    await world.post("metrics", "{");
    expect(memory()).toBe(monitor.now);
    expect(world.stored("zako_watch_readings_refused_total", { ...source, reason: "out_of_order" })).toBe(0);
  }));
