import { afterEach, describe, expect, it } from "vitest";
import { codeOf } from "../clients.ts";
import { type PoolOptions, type StartTimer, WorkerPool } from "./worker-pool.ts";

/** Timers that fire when the test says so. */
class Timers {
  readonly #waiting = new Map<() => void, number>();

  readonly start: StartTimer = (ms, run) => {
    this.#waiting.set(run, ms);
    return () => void this.#waiting.delete(run);
  };

  /** How long each is to wait. */
  get waitsMs(): number[] {
    return [...this.#waiting.values()];
  }

  fireLast(): void {
    const run = [...this.#waiting.keys()].at(-1);
    if (run === undefined) return;
    this.#waiting.delete(run);
    run();
  }

  fireAll(): void {
    for (const run of [...this.#waiting.keys()]) {
      this.#waiting.delete(run);
      run();
    }
  }
}

const open: WorkerPool[] = [];
afterEach(() => Promise.all(open.splice(0).map((pool) => pool.close())));

function poolOf(settings: Partial<PoolOptions> = {}): { pool: WorkerPool; timers: Timers } {
  const timers = new Timers();
  const maxWorkers = settings.maxWorkers ?? 1;
  const pool = new WorkerPool({
    minWorkers: 1,
    maxWorkers,
    idleTimeoutMs: 60_000,
    queueCapacity: 2 * maxWorkers,
    startTimer: timers.start,
    ...settings,
  });
  open.push(pool);
  return { pool, timers };
}

const signal = new AbortController().signal;
const task = { kind: "task" } as const;
const gc = { kind: "gc", garbageBytes: 262_144, delayMs: 0, leaks: false } as const;

describe("growth", () => {
  it("starts a thread for each task that finds none idle, up to the maximum, and queues the rest", async () => {
    const { pool } = poolOf({ maxWorkers: 3 });
    expect(pool.snapshot()).toMatchObject({ activeThreads: 1, busyThreads: 0, queueLength: 0 });
    const tasks = Array.from({ length: 7 }, () => pool.submit(task, { signal }));
    expect(pool.snapshot()).toMatchObject({ activeThreads: 3, busyThreads: 3, queueLength: 4 });
    const done = await Promise.all(tasks);
    expect(done.map(({ ran }) => ran)).toEqual(Array(7).fill(true));
    expect(done.map(({ before }) => before.queueLength)).toEqual([0, 0, 0, 0, 1, 2, 3]);
    for (const { waitNanos } of done) expect(waitNanos).toBeGreaterThan(0n);
    expect(pool.snapshot()).toMatchObject({ activeThreads: 3, busyThreads: 0, queueLength: 0 });
  });

  it("starts none where one is idle", async () => {
    const { pool } = poolOf({ maxWorkers: 3 });
    for (let at = 0; at < 3; at++) await pool.submit(task, { signal });
    expect(pool.snapshot().activeThreads).toBe(1);
  });
});

describe("the queue", () => {
  it("refuses what finds no place in it in time, and takes tasks again once it has room", async () => {
    const { pool, timers } = poolOf();
    const tasks = Array.from({ length: 2 }, () => pool.submit(task, { signal, stuck: true, maxWaitMs: 900 }));
    const outside = [900, 901].map((maxWaitMs) => pool.submit(task, { signal, stuck: true, maxWaitMs }));
    expect([pool.snapshot().queueLength, timers.waitsMs]).toEqual([2, [900, 900, 900, 901]]);
    // The last first: those before it would make room.
    timers.fireLast();
    expect(await codeOf(outside[1] as Promise<unknown>)).toBe("resource_exhausted");
    timers.fireAll();
    expect((await Promise.all([...tasks, outside[0]])).map((done) => done?.ran)).toEqual([false, false, false]);
    expect((await pool.submit(task, { signal })).ran).toBe(true);
  });

  it("lets in who waits outside as soon as there is room, in order", async () => {
    const { pool } = poolOf();
    const ended: number[] = [];
    const tasks = Array.from({ length: 9 }, async (_, i) => {
      await pool.submit(task, { signal, maxWaitMs: 1 });
      ended.push(i);
    });
    expect(pool.snapshot()).toMatchObject({ busyThreads: 1, queueLength: 2 });
    await Promise.all(tasks);
    expect(ended).toEqual(ended.toSorted((a, b) => a - b));
    expect(pool.snapshot()).toMatchObject({ busyThreads: 0, queueLength: 0 });
  });

  it("gives a task back that has waited for too long, and forgets one that nobody waits for", async () => {
    const { pool, timers } = poolOf();
    const waits = pool.submit(task, { signal, maxWaitMs: 700, stuck: true });
    const leave = new AbortController();
    const left = pool.submit(task, { signal: leave.signal, stuck: true });
    expect([timers.waitsMs, pool.snapshot().queueLength]).toEqual([[700], 2]);
    timers.fireAll();
    expect((await waits).ran).toBe(false);
    leave.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    expect(pool.snapshot().queueLength).toBe(0);
  });

  it("lets other tasks past one that is stuck", async () => {
    const { pool, timers } = poolOf();
    const stuck = pool.submit(task, { signal, maxWaitMs: 1, stuck: true });
    expect((await pool.submit(task, { signal })).ran).toBe(true);
    timers.fireAll();
    expect((await stuck).ran).toBe(false);
  });

  it("refuses what still waits when it is closed", async () => {
    const { pool } = poolOf();
    const waiting = codeOf(pool.submit(task, { signal, stuck: true }));
    await pool.close();
    expect(await waiting).toBe("unavailable");
  });
});

describe("shrinking", () => {
  it("ends threads that stay idle, but for the minimum", async () => {
    const { pool, timers } = poolOf({ maxWorkers: 3 });
    await Promise.all(Array.from({ length: 3 }, () => pool.submit(task, { signal })));
    expect(timers.waitsMs).toEqual([60_000, 60_000, 60_000]);
    timers.fireAll();
    expect(pool.snapshot()).toMatchObject({ activeThreads: 1, idleTimeouts: 2 });
    timers.fireAll();
    expect(pool.snapshot()).toMatchObject({ activeThreads: 1, idleTimeouts: 2 });
    expect((await pool.submit(task, { signal })).ran).toBe(true);
  });

  it("spares a thread that has found work again", async () => {
    const { pool, timers } = poolOf({ maxWorkers: 2 });
    await Promise.all([pool.submit(task, { signal }), pool.submit(task, { signal })]);
    const again = [pool.submit(task, { signal }), pool.submit(task, { signal })];
    timers.fireAll();
    expect(pool.snapshot()).toMatchObject({ activeThreads: 2, idleTimeouts: 0 });
    await Promise.all(again);
  });
});

describe("a GC broadcast", () => {
  it("reaches every thread, and each cleans at least the garbage that it made", async () => {
    const { pool } = poolOf({ maxWorkers: 3 });
    await Promise.all(Array.from({ length: 3 }, () => pool.submit(task, { signal })));
    const { threads, durationNanos } = await pool.broadcast(gc);
    expect(threads.map(({ thread }) => thread)).toEqual([0, 1, 2]);
    for (const one of threads) {
      expect(one.beforeBytes - one.afterBytes).toBeGreaterThan(gc.garbageBytes / 2);
      expect(one.durationNanos).toBeLessThanOrEqual(durationNanos);
    }
    expect(pool.snapshot()).toMatchObject({ gcRuns: 1, gcNanos: durationNanos });
  });

  it("cleans nothing in a thread that leaks, and all of it afterwards", async () => {
    const { pool } = poolOf();
    const cleaned = async (leaks: boolean) => {
      const [one] = (await pool.broadcast({ ...gc, leaks })).threads;
      return (one?.beforeBytes ?? 0) - (one?.afterBytes ?? 0);
    };
    expect(await cleaned(true)).toBeLessThan(gc.garbageBytes / 2);
    expect(await cleaned(false)).toBeGreaterThan(gc.garbageBytes / 2);
  });

  it("keeps a thread from being ended for idleness while it collects", async () => {
    const { pool, timers } = poolOf({ maxWorkers: 2 });
    await Promise.all([pool.submit(task, { signal }), pool.submit(task, { signal })]);
    const broadcast = pool.broadcast(gc);
    timers.fireAll();
    expect(pool.snapshot()).toMatchObject({ activeThreads: 2, idleTimeouts: 0 });
    expect((await broadcast).threads).toHaveLength(2);
    timers.fireAll();
    expect(pool.snapshot()).toMatchObject({ activeThreads: 1, idleTimeouts: 1 });
  });
});

describe("threads", () => {
  it("have all ended when the pool is closed, also the busy and those that were being ended", async () => {
    const { pool, timers } = poolOf({ maxWorkers: 3 });
    await Promise.all(Array.from({ length: 3 }, () => pool.submit(task, { signal })));
    const busy = codeOf(pool.submit(task, { signal }));
    timers.fireAll();
    await pool.close();
    expect(pool.snapshot()).toMatchObject({ activeThreads: 0, busyThreads: 0 });
    expect(["ok", "internal"]).toContain(await busy);
  });

  it("that break are replaced by the next task", async () => {
    const { pool } = poolOf();
    await expect(pool.broadcast({ ...gc, garbageBytes: 2 ** 60 })).rejects.toThrow("Invalid array length");
    expect(pool.snapshot().activeThreads).toBe(0);
    expect((await pool.submit(task, { signal })).ran).toBe(true);
    expect(pool.snapshot().activeThreads).toBe(1);
  });
});

it("counts again from 0 after a reset", async () => {
  const { pool } = poolOf();
  await pool.broadcast(gc);
  pool.reset();
  expect(pool.snapshot()).toMatchObject({ gcRuns: 0, gcNanos: 0n, idleTimeouts: 0, activeThreads: 1 });
});
