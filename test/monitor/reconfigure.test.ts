import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config } from "../../functions/model/config.ts";
import { failure } from "../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import { unpackSamples } from "../../functions/store/history/sample-block.ts";
import { config, plan, START, sampleOf, target, World } from "./world.ts";

let objects = 0;
const inWorld = (initial: Config, run: (world: World) => Promise<void>): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName(`reconfigured-${objects++}`), async (_instance, state) => {
    await run(new World(state.storage, initial));
  });

const MINUTE = 60_000;
const health = plan("health");
const negotiate = plan("cas.negotiate", { intervalMs: 120_000 });
/** Hashes are short, as real ones are: they become labels. */
const [DEPLOYED, LARGER, SMALLER, REGIONAL, FINER] = [
  config([target("a", [health, negotiate]), target("b", [health])]),
  config([target("b", [health]), target("c", [health]), target("a", [health, negotiate])]),
  config([target("a", [health])]),
  config([target("a", [health]), target("b", [health])], { vantages: ["weur", "enam"], lanes: 2 }),
  config([target("a", [plan("health", { intervalMs: 10_000 })]), target("b", [health])], { gridMs: 10_000 }),
].map((one, i) => ({ ...one, hash: `hash-${i}` })) as [Config, Config, Config, Config, Config];
const CONFIGS = [DEPLOYED, LARGER, SMALLER, REGIONAL, FINER];

/** The configuration that the stored series name, and what it is to the deployed one. */
function infoOf(world: World): string[] {
  return [...world.stored().keys()].filter((name) => name.startsWith("zako_watch_config_info{"));
}
const infoOfConfig = ({ hash }: Config): string[] => {
  const source = hash === DEPLOYED.hash ? "deployed" : "override";
  return [`zako_watch_config_info{;hash="${hash}",source="${source}",base="${DEPLOYED.hash}"}[0]`];
};

describe("another configuration", () => {
  it("waits for the tick that is running, and rules the next one", async () => {
    await inWorld(DEPLOYED, async (world) => {
      const ticks: ProbeTask[][] = [];
      let release: () => void = () => {};
      world.probe = async (tasks, _deadline, deliver) => {
        ticks.push([...tasks]);
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        deliver(tasks.map((task) => sampleOf(task, world.now)));
      };
      const first = world.core.wake(START, "cron");
      await Promise.resolve();
      const changed = world.core.reconfigure(() => SMALLER);
      const second = world.core.wake(START + 1, "cron");
      await Promise.resolve();
      expect(world.core.config).toBe(DEPLOYED);
      release();
      await Promise.all([first, changed, second]);
      expect(world.core.config).toBe(SMALLER);
      world.now = START + MINUTE;
      const third = world.core.wake(world.now, "cron");
      await Promise.resolve();
      release();
      await third;
      const named = (tasks: ProbeTask[]): string[] => [...new Set(tasks.map((task) => task.target.name))].sort();
      expect(ticks.map(named)).toEqual([["a", "b"], ["a"]]);
      expect(world.count("zako_v1_probe_attempts_total", "a", 'probe="health",vantage="local"')).toBe(2);
    });
  });

  it("that was overtaken while it waited is never in force", async () => {
    await inWorld(DEPLOYED, async (world) => {
      let release: () => void = () => {};
      world.probe = () =>
        new Promise<void>((resolve) => {
          release = resolve;
        });
      const tick = world.core.wake(START, "cron");
      await Promise.resolve();
      let inForce = LARGER;
      const older = world.core.reconfigure(() => inForce);
      inForce = DEPLOYED;
      const newer = world.core.reconfigure(() => inForce);
      release();
      await Promise.all([tick, older, newer]);
      expect(world.core.config).toBe(DEPLOYED);
      expect(world.events.filter(({ event }) => event === "remapped")).toHaveLength(1);
    });
  });

  it("keeps confirmations of what it still watches, and asks nothing of what it does not", async () => {
    for (const [next, confirmed] of [
      [LARGER, ["a", "b"]],
      [SMALLER, ["a"]],
    ] as const) {
      await inWorld(DEPLOYED, async (world) => {
        await world.core.wake(START, "cron");
        world.now = START + MINUTE;
        const asked: string[] = [];
        world.probe = async (tasks, _deadline, deliver) => {
          for (const task of tasks) if (task.attempt === 1) asked.push(task.target.name);
          deliver(tasks.map((task) => sampleOf(task, world.now, "failed", failure("timeout", false))));
        };
        await world.core.wake(world.now, "cron");
        await world.core.reconfigure(() => next);
        expect(world.alarmAt).toBe(world.now + 1);
        await world.core.alarm();
        expect([...new Set(asked)].sort()).toEqual(confirmed);
      });
    }
  });

  it("with a finer grid runs its slots from the next one on, and back again, and misses none", async () => {
    await inWorld(DEPLOYED, async (world) => {
      const results: string[] = [];
      const wake = async (at: number): Promise<void> => {
        world.now = START + at;
        results.push((await world.core.wake(world.now, "cron")).result);
      };
      await wake(0);
      await world.core.reconfigure(() => FINER);
      expect(Math.floor(world.alarmAt / 10_000) * 10_000).toBe(START + 10_000);
      for (const at of [10_000, 20_000, 30_000]) await wake(at);
      await world.core.reconfigure(() => DEPLOYED);
      for (const at of [40_000, 60_000, 120_000]) await wake(at);
      expect(results).toEqual(["run", "run", "run", "run", "already", "run", "run"]);
      expect(world.count("zako_watch_missed_slots_total", "", "")).toBe(0);
    });
  });

  it("is shown as deployed or as an override, once, and by a new deployment anew", async () => {
    await inWorld(DEPLOYED, async (world) => {
      world.core.head();
      expect(infoOf(world)).toHaveLength(1);
      expect(infoOf(world)[0]).toContain('source="deployed"');
      await world.core.reconfigure(() => LARGER);
      expect(infoOf(world)).toHaveLength(1);
      expect(infoOf(world)[0]).toContain('source="override"');
      // The next deployment is what the override had been.
      world.restart(LARGER);
      world.core.head();
      expect(infoOf(world)).toHaveLength(1);
      expect(infoOf(world)[0]).toContain('source="deployed"');
    });
  });

  it("takes the token from a target that moves, and from no other", async () => {
    const moved = { ...target("a"), casUrl: "http://elsewhere.test" };
    await inWorld(config([target("a"), target("b")]), async (world) => {
      world.probe = async (tasks, _deadline, deliver) =>
        deliver(tasks.map((task) => ({ ...sampleOf(task, world.now), memory: { token: "t0ken" } })));
      await world.core.wake(START, "cron");
      const suppressed = (): unknown[] => ["a", "b"].map((name) => world.core.head().memories.get(name).token);
      expect(suppressed()).toEqual(["t0ken", "t0ken"]);
      await world.core.reconfigure(() => config([target("a"), target("b"), target("c")]));
      expect(suppressed()).toEqual(["t0ken", "t0ken"]);
      await world.core.reconfigure(() => config([moved, { ...target("b"), casUrl: "http://b.test/path" }]));
      expect(suppressed()).toEqual([undefined, "t0ken"]);
      world.restart(config([target("a"), target("b")]));
      expect(suppressed()).toEqual([undefined, "t0ken"]);
    });
  });
});

const which = fc.nat(CONFIGS.length - 1);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("wake" as const),
      ahead: fc.integer({ min: 0, max: 2 }),
      wakers: fc.integer({ min: 1, max: 3 }),
      fails: fc.boolean(),
      /** Configurations that come while the slot runs. */
      during: fc.array(which, { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("alarm" as const), during: fc.array(which, { maxLength: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("between" as const), to: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), during: which }) },
);

it("whenever configurations come: ticks are whole and never overlap, no counter goes down, no version lies", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      await inWorld(DEPLOYED, async (world) => {
        let inForce = DEPLOYED;
        let running = 0;
        let fails = false;
        const known = new Map<string, string>();
        const names = new Map<string, string>();
        world.probe = async (tasks, _deadline, deliver) => {
          expect(++running).toBe(1);
          const during = world.core.config;
          for (let i = 0; i < 5; i++) await Promise.resolve();
          // A tick asks what one configuration says, and that one stays in force until it has ended.
          expect(world.core.config).toBe(during);
          for (const { target: asked, vantage } of tasks) {
            expect(during.targets).toContain(asked);
            expect(during.vantages).toContain(vantage);
          }
          deliver(
            tasks.map((task) =>
              fails ? sampleOf(task, world.now, "failed", failure("timeout", false)) : sampleOf(task, world.now),
            ),
          );
          running--;
        };
        let before = world.stored();
        const change = (to: number): Promise<void> => {
          inForce = CONFIGS[to] as Config;
          return world.core.reconfigure(() => inForce);
        };
        const check = (): void => {
          expect(world.core.config).toBe(inForce);
          const after = world.stored();
          // What one of two changes has removed and the other brought back begins again; the prober's own series stay.
          const stays = world.events.splice(0).filter(({ event }) => event === "remapped").length > 1 ? "\\{;" : "\\{";
          for (const [name, value] of before) {
            if (!new RegExp(`(_total|duration_seconds)${stays}`).test(name)) continue;
            const now = after.get(name);
            if (now !== undefined) expect(now, name).toBeGreaterThanOrEqual(value);
          }
          before = after;
          const { version, blocks } = world.core.snapshot();
          const numbers = JSON.stringify(blocks.map((b) => [b.target, [...b.values]]));
          expect(known.get(version) ?? numbers).toBe(numbers);
          known.set(version, numbers);
          const columns = JSON.stringify(blocks.map((b) => [b.target, b.layout.columns]));
          const structure = `${objects} ${lives} ${world.core.structure()}`;
          expect(names.get(structure) ?? columns).toBe(columns);
          names.set(structure, columns);
          expect(infoOf(world)).toEqual(infoOfConfig(inForce));
        };
        let lives = 0;
        const restart = (): void => {
          lives++;
          running = 0;
          world.restart(DEPLOYED, inForce);
        };
        for (const one of steps) {
          if (one.do === "wake") {
            fails = one.fails;
            world.now += one.ahead * MINUTE;
            const wakes = Array.from({ length: one.wakers }, () => world.core.wake(world.now, "cron"));
            await Promise.all([...wakes, ...one.during.map(change)]);
          } else if (one.do === "alarm") await Promise.all([world.core.alarm(), ...one.during.map(change)]);
          else if (one.do === "between") await change(one.to);
          else if (one.do === "restart") restart();
          else {
            const { probe } = world;
            world.probe = async () => {
              world.probe = probe;
              inForce = CONFIGS[one.during] as Config;
              restart();
            };
            world.now += MINUTE;
            await world.core.wake(world.now, "cron").catch(() => {});
            world.probe = probe;
          }
          check();
        }
        const keys = world.backlog
          .hours()
          .flatMap((hour) => [...world.backlog.blocks(hour)])
          .flatMap((block) => {
            const got = unpackSamples(block.samples);
            return got.ok ? got.samples : [];
          })
          .map((x) => `${x.slot} ${x.target} ${x.probe} ${x.vantage} ${x.attempt}`);
        expect(new Set(keys).size).toBe(keys.length);
      });
    }),
    { numRuns: 80 },
  );
});
