import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Alert } from "../../functions/model/alerting/alert.ts";
import { AlerterWorld, alert, alerterConfig, FakeMonitor, MINUTE } from "./world.ts";

/** Target `a` is watched by shard 0 of one, then by shard 1 of two. */
const BEFORE = alerterConfig({ hash: "one shard", shards: 1, ownerOf: () => 0 });
const AFTER = alerterConfig({ hash: "two shards", shards: 2, ownerOf: () => 1 });

const inWorld = (run: (world: AlerterWorld, firing: Alert) => Promise<void>) =>
  runInDurableObject(env.MONITOR.getByName(`moved-${crypto.randomUUID()}`), async (_instance, { storage }) => {
    const world = new AlerterWorld(storage, BEFORE);
    const monitor = new FakeMonitor(world);
    const firing = monitor.begin(alert({ target: "a", alertname: "ZakoTargetDown" }, world.now));
    monitor.report();
    await world.until(world.now + MINUTE);
    await run(world, firing);
  });

/** The shard that had the alert, as the next configuration starts it: its target is gone. */
function oldOwner(world: AlerterWorld, { fingerprint, startsAt }: Alert): FakeMonitor {
  const monitor = new FakeMonitor(world, 0, AFTER.hash);
  monitor.resolved = [{ fingerprint, startsAt, resolvedAt: world.now, why: "removed" }];
  return monitor;
}

const statuses = (world: AlerterWorld): string[] => world.inbox("team.0").map(({ status }) => status);

test("an alert that has moved to another shard is not ended by the one that had it", () =>
  inWorld(async (world, firing) => {
    world.restart(AFTER);
    const old = oldOwner(world, firing);
    old.report();
    expect(old.resolved).toEqual([]);
    await world.until(world.now + 2 * MINUTE);
    expect(statuses(world)).toEqual(["firing"]);
  }));

test("where a Monitor has the next configuration before the Alerter, nothing that moves is told as over, and its new owner learns of it", () =>
  inWorld(async (world, firing) => {
    const old = oldOwner(world, firing);
    world.config = { ...world.config, shards: AFTER.shards };
    old.report();
    const owner = new FakeMonitor(world, 1, AFTER.hash);
    owner.report();
    await world.until(world.now + MINUTE);
    expect(statuses(world)).toEqual(["firing"]);
    world.restart(AFTER);
    // Both are refused, and join anew.
    expect(old.report()?.ok).toBe(false);
    expect(owner.report()?.ok).toBe(false);
    old.report();
    expect(old.resolved).toEqual([]);
    const answer = world.call((core) => core.join({ shard: 1, shards: 2, config: AFTER.hash }));
    expect(answer?.ok === true && answer.alerts.map(({ fingerprint }) => fingerprint)).toEqual([firing.fingerprint]);
    owner.report();
    owner.firing.set(firing.fingerprint, firing);
    owner.end(firing);
    owner.report();
    await world.until(world.now + MINUTE);
    expect(statuses(world)).toEqual(["firing", "resolved"]);
  }));

test("a target that is gone ends its alert once the Alerter has the configuration without it", () =>
  inWorld(async (world, firing) => {
    const gone = alerterConfig({ hash: AFTER.hash, shards: 1, ownerOf: () => undefined });
    const monitor = oldOwner(world, firing);
    monitor.report();
    await world.until(world.now + MINUTE);
    expect(statuses(world)).toEqual(["firing"]);
    world.restart(gone);
    monitor.report();
    monitor.report();
    await world.until(world.now + MINUTE);
    expect(statuses(world)).toEqual(["firing", "resolved"]);
    expect(monitor.resolved).toEqual([]);
  }));
