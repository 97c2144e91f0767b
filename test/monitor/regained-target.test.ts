import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Alert, Intake } from "../../functions/model/alerting/alert.ts";
import { failure } from "../../functions/model/probing/failure.ts";
import { config, START, sampleOf, target, World } from "./world.ts";

const MINUTE = 60_000;
const WITH = config([target("a"), target("b")]);
const WITHOUT = config([target("b")]);

test("a Monitor that gets a target back reports what the Alerter knows of it, not what it knew itself when it lost it", () =>
  runInDurableObject(env.MONITOR.getByName("regained"), async (_instance, { storage }) => {
    const intakes: Intake[] = [];
    /** Firing by the Alerter's word when the Monitor joins. */
    let known: Alert[] = [];
    const world = new World(storage, WITH, {
      join: async () => ({ ok: true, generation: intakes.length + 1, sequence: 0, alerts: known }),
      intake: async (intake) => {
        intakes.push(intake);
        return { ok: true, acknowledged: intake.resolved };
      },
    });
    let isDown = true;
    world.probe = async (tasks, _deadline, deliver) =>
      deliver(
        tasks.map((task) =>
          isDown && task.target.name === "a"
            ? sampleOf(task, world.now, "failed", failure("connect", true))
            : sampleOf(task, world.now),
        ),
      );
    const minute = async (): Promise<void> => {
      world.now += MINUTE;
      await world.core.wake(world.now, "cron");
      await world.core.confirm();
      await world.core.alertsSent();
    };
    const down = ({ firing }: Pick<Intake, "firing"> = { firing: [] }): Alert | undefined =>
      firing.find(({ labels }) => labels["alertname"] === "ZakoTargetDown");

    await minute();
    await minute();
    const before = down(intakes.at(-1)) as Alert;
    expect(before.startsAt).toBeLessThan(START + 3 * MINUTE);
    // Another shard watches it for an hour. This one is loaded and has nothing to evaluate.
    world.restart(WITHOUT).head();
    world.now += 60 * MINUTE;
    const later = { ...before, startsAt: world.now - 5 * MINUTE, activeSince: world.now - 5 * MINUTE };
    known = [later];
    world.restart(WITH);
    await minute();
    await minute();
    expect(down(intakes.at(-1))?.startsAt).toBe(later.startsAt);
    isDown = false;
    for (let i = 0; i < 6; i++) await minute();
    const ends = intakes.flatMap(({ resolved }) => resolved).filter((end) => end.fingerprint === later.fingerprint);
    expect(ends).toMatchObject([{ startsAt: later.startsAt, why: "recovered" }]);
  }));
