import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Config } from "../../functions/model/config.ts";
import { failure } from "../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import { unpackSamples } from "../../functions/store/history/sample-block.ts";
import { config, KINDS, plan, START, sampleOf, target, World } from "./world.ts";

let objects = 0;
const inWorld = (initial: Config, run: (world: World) => Promise<void>): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName(`world-${objects++}`), async (_instance, state) => {
    await run(new World(state.storage, initial));
  });

const MINUTE = 60_000;
const one = config([target("a")]);
const attempts = (world: World, of = "a", probe = "health"): number =>
  world.count("zako_v1_probe_attempts_total", of, `probe="${probe}",vantage="local"`);
const missed = (world: World): number => world.count("zako_watch_missed_slots_total", "", "");

test("a slot runs once, whoever wakes for it, how often and in what order", async () => {
  await inWorld(one, async (world) => {
    const results = await Promise.all([
      world.core.wake(START, "cron"),
      world.core.wake(START + 1, "alarm"),
      world.core.wake(START + 59_999, "cron"),
    ]);
    expect(results.map((r) => r.result).sort()).toEqual(["joined", "joined", "run"]);
    expect((await world.core.wake(START, "cron")).result).toBe("already");
    expect(attempts(world)).toBe(1);
    world.now = START + 3 * MINUTE;
    expect((await world.core.wake(world.now, "cron")).result).toBe("run");
    expect((await world.core.wake(START + MINUTE, "cron")).result).toBe("already");
    expect(attempts(world)).toBe(2);
    expect(missed(world)).toBe(2);
  });
});

test("a confirmation is no missed slot", async () => {
  await inWorld(one, async (world) => {
    world.probe = async (tasks, _deadline, deliver) =>
      deliver(tasks.map((task) => sampleOf(task, world.now, "failed", failure("timeout", false))));
    await world.core.wake(START, "cron");
    world.now += 5_000;
    expect(await world.core.confirm()).toBe(true);
    expect([attempts(world), missed(world)]).toEqual([2, 0]);
    expect(world.events.flatMap((event) => (event.event === "tick" ? [event.missed] : []))).toEqual([0, 0]);
  });
});

test("a slot from the future is refused and probing continues", async () => {
  await inWorld(one, async (world) => {
    await world.core.wake(START, "cron");
    expect((await world.core.wake(Date.UTC(2100, 0, 1), "cron")).result).toBe("refused");
    world.now = START + MINUTE;
    expect((await world.core.wake(world.now, "alarm")).result).toBe("run");
    expect(missed(world)).toBe(0);
  });
});

test("a Monitor killed in the middle of a tick runs the slot again and counts it once", async () => {
  await inWorld(one, async (world) => {
    await world.core.wake(START, "cron");
    const answered = world.probe;
    let release: () => void = () => {};
    world.probe = async (...batch) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await answered(...batch);
    };
    world.now = START + MINUTE;
    const dying = world.core.wake(world.now, "cron").catch((error: Error) => error.message);
    await Promise.resolve();
    world.restart(one);
    release();
    expect(await dying).toMatch(/dead/);
    expect(attempts(world)).toBe(1);
    world.probe = answered;
    await world.core.alarm();
    expect(attempts(world)).toBe(2);
    expect(missed(world)).toBe(0);
    expect(world.alarmAt).toBeGreaterThan(world.now);
  });
});

test("a tick whose commit fails counts nothing, and the next wake runs the slot", async () => {
  await inWorld(one, async (world) => {
    await world.core.wake(START, "cron");
    world.now = START + MINUTE;
    const append = world.backlog.append;
    world.backlog.append = () => {
      throw new Error("no room");
    };
    await expect(world.core.wake(world.now, "cron")).rejects.toThrow("no room");
    expect(attempts(world)).toBe(1);
    world.backlog.append = append;
    expect((await world.core.wake(world.now, "alarm")).result).toBe("run");
    expect(attempts(world)).toBe(2);
    expect(missed(world)).toBe(0);
  });
});

test("a prober that never answers costs its own runs only: they are gaps, and late answers are dropped and counted", async () => {
  const both = config([target("a"), target("b")]);
  await inWorld(both, async (world) => {
    let late: () => void = () => {};
    world.probe = async (tasks, _deadline, deliver) => {
      deliver(tasks.filter((o) => o.target.name === "a").map((o) => sampleOf(o, world.now)));
      await new Promise<void>((resolve) => {
        late = () => {
          deliver(tasks.filter((o) => o.target.name === "b").map((o) => sampleOf(o, world.now)));
          resolve();
        };
      });
    };
    const tick = world.core.wake(START, "cron");
    await Promise.resolve();
    world.deadline.abort();
    await tick;
    late();
    expect(attempts(world, "a")).toBe(1);
    expect(attempts(world, "b")).toBe(0);
    world.deadline = new AbortController();
    world.probe = async () => {};
    world.now = START + MINUTE;
    world.deadline.abort();
    await world.core.wake(world.now, "cron");
    const lost = (kind: string): number => world.count("zako_watch_lost_results_total", "", `kind="${kind}"`);
    expect(lost("gap")).toBe(3);
    expect(lost("late")).toBe(1);
  });
});

test("a first failure is confirmed at once: down within its slot when it fails again, up when it does not", async () => {
  for (const again of ["failed", "ok"] as const) {
    await inWorld(one, async (world) => {
      await world.core.wake(START, "cron");
      world.now = START + MINUTE;
      world.probe = async (tasks, _d, deliver) =>
        deliver(
          tasks.map((o) =>
            o.attempt === 0 || again === "failed"
              ? sampleOf(o, world.now, "failed", failure("timeout", false))
              : sampleOf(o, world.now),
          ),
        );
      await world.core.wake(world.now, "cron");
      expect(world.alarmAt).toBe(world.now + 1);
      await world.core.alarm();
      expect(attempts(world)).toBe(3);
      expect(world.count("zako_v1_target_incident_open", "a", "")).toBe(again === "failed" ? 1 : 0);
      expect(world.alarmAt).toBeGreaterThan(world.now);
    });
  }
});

test("a confirmation that is pending when the Monitor dies runs once after the restart", async () => {
  await inWorld(one, async (world) => {
    await world.core.wake(START, "cron");
    world.now = START + MINUTE;
    world.probe = async (tasks, _d, deliver) =>
      deliver(tasks.map((o) => sampleOf(o, world.now, "failed", failure("timeout", false))));
    await world.core.wake(world.now, "cron");
    world.restart(one);
    await world.core.alarm();
    await world.core.alarm();
    expect(attempts(world)).toBe(3);
    expect(world.count("zako_v1_target_incident_open", "a", "")).toBe(1);
  });
});

test("runs never overlap, whoever waits for the one before", async () => {
  await inWorld(one, async (world) => {
    let running = 0;
    let most = 0;
    const releases: (() => void)[] = [];
    world.probe = async (tasks, _d, deliver) => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => releases.push(resolve));
      running--;
      deliver(tasks.map((o) => sampleOf(o, world.now, "failed", failure("timeout", false))));
    };
    const waits = [world.core.wake(START, "cron"), world.core.wake(START + MINUTE, "cron"), world.core.alarm()];
    for (let turn = 0; turn < 200; turn++) {
      releases.shift()?.();
      await Promise.resolve();
    }
    await Promise.all(waits);
    expect(most).toBe(1);
  });
});

test("attempts to write are stored before they are sent", async () => {
  const writer = config([
    target("a", [plan("transport.upload", { options: KINDS.get("transport.upload")?.options.parse({}) as never })]),
  ]);
  await inWorld(writer, async (world) => {
    const before = world.count("x", "", "");
    let seen: ProbeTask[] = [];
    world.probe = async (tasks) => {
      seen = [...tasks];
      world.restart(writer);
    };
    world.deadline.abort();
    await world.core.wake(START, "cron").catch(() => {});
    expect(seen).toHaveLength(1);
    expect(before).toBe(0);
    const memory = world.core.head().memories.get("a");
    expect(memory.canaries).toHaveLength(1);
    expect(memory.spent.writtenBytes).toBeGreaterThan(0);
  });
});

const outcome = fc.constantFrom("ok", "failed", "degraded", "skipped", "blocked", "lost") as fc.Arbitrary<
  Sample["outcome"] | "lost"
>;
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("wake" as const),
      ahead: fc.integer({ min: 0, max: 3 }),
      wakers: fc.integer({ min: 1, max: 3 }),
      outcomes: fc.array(outcome, { minLength: 1, maxLength: 7 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("alarm" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("config" as const), which: fc.nat(3) }) },
);

const health = plan("health");
const CONFIGS = [
  config([target("a", [health, plan("cas.negotiate", { intervalMs: 120_000 })]), target("b", [health])]),
  config([
    target("b", [health]),
    target("c", [health]),
    target("a", [health, plan("cas.negotiate", { intervalMs: 120_000 })]),
  ]),
  config([target("a", [health])]),
  config([target("a-renamed", [health]), target("b", [health])]),
];

test("whatever wakes, dies and changes: no counter goes down, and every slot is run once or counted as missed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      await inWorld(CONFIGS[0] as Config, async (world) => {
        let current = CONFIGS[0] as Config;
        let outcomes: (Sample["outcome"] | "lost")[] = ["ok"];
        let firstRun: number | undefined;
        let lastRun = 0;
        const ran = new Map<string, number>();
        world.probe = async (tasks, _d, deliver) => {
          deliver(
            tasks.flatMap((o, i) => {
              const what = outcomes[i % outcomes.length] as Sample["outcome"] | "lost";
              if (what === "lost") return [];
              return [sampleOf(o, world.now, what, what === "ok" ? undefined : failure("timeout", what !== "blocked"))];
            }),
          );
        };
        let before = world.stored();
        const check = (): void => {
          const after = world.stored();
          for (const [name, value] of before) {
            if (!/_total\{|_bucket|duration_seconds\{/.test(name)) continue;
            const now = after.get(name);
            if (now !== undefined) expect(now, name).toBeGreaterThanOrEqual(value);
          }
          before = after;
        };
        for (const s of steps) {
          if (s.do === "wake") {
            outcomes = s.outcomes;
            world.now += s.ahead * MINUTE;
            const slot = world.now;
            const results = await Promise.all(Array.from({ length: s.wakers }, () => world.core.wake(slot, "cron")));
            const runs = results.filter((r) => r.result === "run").length;
            if (slot > lastRun) {
              expect(runs).toBe(1);
              firstRun ??= slot;
              lastRun = slot;
              ran.set(String(slot), 1);
            } else expect(runs).toBe(0);
          } else if (s.do === "alarm") {
            const slot = world.now;
            await world.core.alarm();
            if (slot > lastRun) {
              firstRun ??= slot;
              lastRun = slot;
              ran.set(String(slot), 1);
            }
          } else if (s.do === "restart") world.restart(current);
          else if (s.do === "config") {
            current = CONFIGS[s.which] as Config;
            world.restart(current);
          } else {
            const probe = world.probe;
            world.probe = async (...batch) => {
              world.restart(current);
              await probe(...batch);
            };
            await world.core.wake(world.now + MINUTE, "cron").catch(() => {});
            world.probe = probe;
          }
          check();
        }
        if (firstRun !== undefined) expect(ran.size + missed(world)).toBe((lastRun - firstRun) / MINUTE + 1);
        // Every sample that was counted is in the backlog, once.
        const hours = world.backlog.hours();
        const stored = hours
          .flatMap((h) => [...world.backlog.blocks(h)])
          .flatMap((b) => {
            const got = unpackSamples(b.samples);
            return got.ok ? got.samples : [];
          });
        const keys = stored.map((x) => `${x.slot} ${x.target} ${x.probe} ${x.vantage} ${x.attempt}`);
        expect(new Set(keys).size).toBe(keys.length);
      });
    }),
    { numRuns: 80 },
  );
});

test("a clock that was ahead and is right again stops nothing: slots run, and an outage is seen", async () => {
  await inWorld(one, async (world) => {
    world.now = START + 365 * 24 * 60 * MINUTE;
    await world.core.wake(world.now, "cron");
    world.probe = async (tasks, _d, deliver) =>
      deliver(tasks.map((o) => sampleOf(o, world.now, "failed", failure("timeout", false))));
    for (const minute of [0, 1, 2]) {
      world.now = START + minute * MINUTE;
      expect((await world.core.wake(world.now, "cron")).result).toBe("run");
      await world.core.alarm();
    }
    expect(missed(world)).toBe(0);
    expect(world.count("zako_v1_target_incident_open", "a", "")).toBe(1);
  });
});
