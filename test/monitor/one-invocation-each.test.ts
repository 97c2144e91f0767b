import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { config, plan, START, sampleOf, target, World } from "./world.ts";

const MINUTE = 60_000;

it("an alarm that confirms runs no slot besides, though the next one has begun meanwhile", async () => {
  await runInDurableObject(env.MONITOR.getByName("one-invocation"), async (_instance, { storage }) => {
    const world = new World(storage, config([target("a", [plan("health")])]));
    const attempts: [slot: number, attempt: number][] = [];
    world.probe = async (tasks, _deadline, deliver) => {
      attempts.push(...tasks.map(({ slot, attempt }): [number, number] => [slot, attempt]));
      // The confirmation begins late and takes until the next slot has begun.
      if (tasks.some(({ attempt }) => attempt === 1)) world.now = START + MINUTE + 3_000;
      deliver(tasks.map((task) => ({ ...sampleOf(task, world.now), ...FAILED })));
    };
    world.now = START;
    await world.core.wake(START, "cron");
    world.now = START + 50_000;
    const next = await world.core.alarm();
    expect(attempts).toEqual([
      [START, 0],
      [START, 1],
    ]);
    // The slot that has begun has an alarm of its own, at once but not for this very moment.
    expect(next).toBe(world.now + 1);
    await world.core.alarm();
    expect(attempts.at(-1)).toEqual([START + MINUTE, 0]);
  });
});

const FAILED = {
  outcome: "failed",
  failure: { reason: "connect", answered: false, message: "the connection was lost" },
} as const;
