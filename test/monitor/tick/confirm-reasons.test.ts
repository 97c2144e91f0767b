import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { failure, type Reason, reasons } from "../../../functions/model/probing/failure.ts";
import { config, START, sampleOf, target, World } from "../world.ts";

/** Faults of the prober itself: they are gaps, and nothing is confirmed. */
const OWN_FAULTS: ReadonlySet<Reason> = new Set(["internal", "over_budget", "platform_limit", "binding_missing"]);
const ONE = config([target("a")]);

/** Attempts that run, and whether an incident is open, after a first failure for this reason and its confirmation. */
const failsFor = (reason: Reason): Promise<{ attempts: number[]; isOpen: boolean }> =>
  runInDurableObject(env.MONITOR.getByName(`confirm-${reason}`), async (_instance, { storage }) => {
    const world = new World(storage, ONE);
    await world.core.wake(START, "cron");
    world.now = START + 60_000;
    const attempts: number[] = [];
    world.probe = async (tasks, _deadline, deliver) => {
      attempts.push(...tasks.map(({ attempt }) => attempt));
      deliver(tasks.map((task) => sampleOf(task, world.now, "failed", failure(reason, true))));
    };
    await world.core.wake(world.now, "cron");
    // The confirmation compares with the vote as it was stored.
    world.restart(ONE);
    await world.core.alarm();
    return { attempts, isOpen: world.count("zako_v1_target_incident_open", "a", "") === 1 };
  });

it("lets a confirmation count, whatever the reason of the failure", async () => {
  for (const reason of reasons.filter((one) => !OWN_FAULTS.has(one)))
    expect(await failsFor(reason), reason).toEqual({ attempts: [0, 1], isOpen: true });
});
