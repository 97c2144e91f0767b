import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { knownCanary, periodOf } from "../../../functions/probe/zako/canary-write.ts";
import { config, KINDS, plan, sampleOf, target, World } from "../world.ts";

const MINUTE = 60_000;
const SIZE = 4_096;

/** A fleet whose uploads are due at different minutes of their intervals. */
const fleet = (local: boolean) =>
  config(
    ["a", "b", "c", "d"].map((name) =>
      target(name, [
        plan("transport.upload", {
          intervalMs: 4 * MINUTE,
          options: KINDS.get("transport.upload")?.options.parse({ size_bytes: SIZE }) as never,
        }),
      ]),
    ),
    { local, vantages: ["weur", "enam", "apac"] },
  );

const step = fc.record({
  /** Minutes that pass; those between are missed. */
  minutes: fc.integer({ min: 1, max: 6 }),
  dies: fc.constantFrom(false, false, false, "before", "while"),
  confirms: fc.boolean(),
});

let objects = 0;

test("one vantage alone writes a period's blob first, whatever was missed or died before: others would quarrel", async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 5, maxLength: 30 }), async (local, steps) => {
      await runInDurableObject(env.MONITOR.getByName(`single-writer-${objects++}`), async (_instance, state) => {
        const current = fleet(local);
        const world = new World(state.storage, current);
        const wroteFirst = new Map<string, number>();
        let sent = 0;
        for (const { minutes, dies, confirms } of steps) {
          world.now += minutes * MINUTE;
          if (dies === "before") world.restart(current);
          world.probe = async (tasks, _deadline, deliver) => {
            for (const task of tasks) {
              sent++;
              if (knownCanary(task, SIZE) !== undefined) continue;
              const blob = `${task.target.name} ${periodOf(task)}`;
              wroteFirst.set(blob, (wroteFirst.get(blob) ?? 0) + 1);
            }
            if (dies === "while") world.restart(current);
            deliver(tasks.map((task) => sampleOf(task, world.now)));
          };
          await world.core.wake(world.now, "cron").catch(() => {});
          if (confirms) await world.core.confirm().catch(() => {});
        }
        expect([...wroteFirst].filter(([, times]) => times > 1)).toEqual([]);
        expect(sent).toBeGreaterThan(0);
      });
    }),
    { numRuns: 40 },
  );
});
