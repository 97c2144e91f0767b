import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { config, plan, START, sampleOf, target, World } from "../world.ts";

const CONFIG = config(["c", "a", "b"].map((name) => target(name, [plan("health"), plan("cas.negotiate")])));

/** The history of two minutes whose answers come in a sequence of their own. */
const historyOf = (place: string, sequence: <T>(all: readonly T[]) => T[]): Promise<string> =>
  runInDurableObject(env.MONITOR.getByName(place), async (_instance, { storage }) => {
    const world = new World(storage, CONFIG);
    world.probe = async (tasks, _deadline, deliver) => {
      for (const task of sequence(tasks)) deliver([sampleOf(task, world.now)]);
    };
    for (let minute = 1; minute <= 2; minute++) {
      world.now = START + minute * 60_000;
      await world.core.wake(world.now, "cron");
    }
    const blocks = world.backlog.hours().flatMap((hour) => [...world.backlog.blocks(hour)]);
    expect(blocks.length).toBeGreaterThan(0);
    return JSON.stringify(blocks, (_key, value: unknown) =>
      value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value instanceof Uint8Array ? [...value] : value,
    );
  });

it("a slot is stored the same, in whatever sequence its answers come", async () => {
  const forth = await historyOf("forth", (all) => [...all]);
  expect(forth).toContain("[");
  expect(await historyOf("back", (all) => all.toReversed())).toBe(forth);
});
