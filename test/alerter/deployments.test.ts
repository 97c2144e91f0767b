import { afterEach, describe, expect, it, vi } from "vitest";
import { shardOf } from "../../functions/model/probing/placement.ts";
import { HEARTBEATS, WiredAlerter, wiredConfig } from "./wired-world.ts";
import { alert, FakeMonitor } from "./world.ts";

afterEach(() => vi.restoreAllMocks());

const NAMES = Array.from({ length: 20 }, (_, i) => `cas-${i}`);
/** A target of the shard, of `shards`. */
const targetOf = (shard: number, shards: number): string =>
  NAMES.find((name) => shardOf(name, shards) === shard) as string;

const monitorsOf = (wired: WiredAlerter): FakeMonitor[] =>
  Array.from({ length: wired.config.shards }, (_, shard) => new FakeMonitor(wired, shard));

/** Joins, and goes on with the alerts that it is given. */
function takeOver(wired: WiredAlerter, shard: number): FakeMonitor {
  const { hash, shards } = wired.config;
  const answer = wired.core.join({ shard, shards, config: hash });
  const monitor = new FakeMonitor(wired, shard);
  if (answer.ok) for (const one of answer.alerts) monitor.begin(one);
  return monitor;
}

describe("a deployment with fewer shards", () => {
  const THREE = wiredConfig(NAMES, 3, { heartbeats: HEARTBEATS });
  const ONE = wiredConfig(NAMES, 1, { heartbeats: HEARTBEATS });
  const TWO = wiredConfig(NAMES, 2, { heartbeats: HEARTBEATS });

  it.each([
    ["one", ONE],
    ["two", TWO],
  ])("hands the alerts of the shards that are gone to %s: each is told once, and its end once", async (_, fewer) => {
    await WiredAlerter.run(THREE, async (wired) => {
      const before = monitorsOf(wired);
      await wired.minutes(2, ...before);
      const broken = [0, 1, 2].map((shard) => targetOf(shard, 3));
      // Of a kind of their own each, so that nothing gathers them.
      for (const [shard, monitor] of before.entries())
        monitor.begin(alert({ target: broken[shard] as string, alertname: `Zako${shard}` }, wired.now));
      await wired.minutes(1, ...before);
      const expected = broken.map((target, shard) => `Zako${shard} ${target} firing`);
      expect(wired.messages.splice(0).sort()).toEqual(expected);

      wired.deploy(fewer);
      const after = Array.from({ length: fewer.shards }, (_none, shard) => takeOver(wired, shard));
      for (const [shard, { firing }] of after.entries())
        expect([...firing.values()].map(({ labels }) => labels["target"]).sort()).toEqual(
          broken.filter((target) => shardOf(target, fewer.shards) === shard).sort(),
        );
      for (const monitor of before) expect(monitor.report()).toMatchObject({ ok: false, why: "old_generation" });
      wired.pings.length = 0;
      // Longer than a shard may be silent: of those that are gone nobody expects anything.
      await wired.minutes(10, ...after);
      expect(wired.messages).toEqual([]);
      expect(wired.pings).toHaveLength(20);

      for (const monitor of after) for (const one of [...monitor.firing.values()]) monitor.end(one);
      await wired.minutes(10, ...after);
      expect(wired.messages.sort()).toEqual(broken.map((target, shard) => `Zako${shard} ${target} resolved`));
    });
  });

  it("hands them over too where a Monitor runs under it before the Alerter does", async () => {
    await WiredAlerter.run(THREE, async (wired) => {
      const before = monitorsOf(wired);
      await wired.minutes(2, ...before);
      const broken = targetOf(2, 3);
      before[2]?.begin(alert({ target: broken }, wired.now));
      await wired.minutes(1, ...before);
      expect(wired.messages.splice(0)).toEqual([`ZakoTest ${broken} firing`]);

      expect(wired.core.join({ shard: 0, shards: 1, config: ONE.hash })).toMatchObject({ ok: true });
      const early = new FakeMonitor(wired, 0, ONE.hash);
      // Nobody expects the shards that are gone, either.
      wired.pings.length = 0;
      await wired.minutes(6, early);
      expect(wired.messages).toEqual([]);
      expect(wired.pings).toHaveLength(12);
      wired.deploy(ONE);
      // It is refused first, since its generation was none of the Alerter's own, and joins again.
      early.report();
      const after = takeOver(wired, 0);
      expect([...after.firing.values()].map(({ labels }) => labels["target"])).toEqual([broken]);
      for (const one of [...after.firing.values()]) after.end(one);
      await wired.minutes(5, after);
      expect(wired.messages).toEqual([`ZakoTest ${broken} resolved`]);
    });
  });

  it("takes a rollback for a deployment: a higher generation, the newer Monitors stop, nobody is notified twice", async () => {
    await WiredAlerter.run(THREE, async (wired) => {
      const before = monitorsOf(wired);
      await wired.minutes(2, ...before);
      const [broken = ""] = [0, 1, 2].map((shard) => targetOf(shard, 3));
      before[0]?.begin(alert({ target: broken }, wired.now));
      await wired.minutes(1, ...before);
      expect(wired.messages.splice(0)).toEqual([`ZakoTest ${broken} firing`]);
      const numberOf = (): number => wired.core.head().generation?.number ?? 0;
      const old = numberOf();

      wired.deploy(TWO);
      const upgraded = [0, 1].map((shard) => takeOver(wired, shard));
      await wired.minutes(5, ...upgraded);
      expect(numberOf()).toBe(old + 1);

      wired.deploy(THREE);
      const rolledBack = [0, 1, 2].map((shard) => takeOver(wired, shard));
      expect(numberOf()).toBe(old + 2);
      for (const monitor of upgraded) expect(monitor.report()).toMatchObject({ ok: false, why: "old_generation" });
      expect(rolledBack.flatMap(({ firing }) => [...firing.values()]).map(({ labels }) => labels["target"])).toEqual([
        broken,
      ]);
      await wired.minutes(10, ...rolledBack);
      expect(wired.messages).toEqual([]);

      for (const monitor of rolledBack) for (const one of [...monitor.firing.values()]) monitor.end(one);
      await wired.minutes(5, ...rolledBack);
      expect(wired.messages).toEqual([`ZakoTest ${broken} resolved`]);
    });
  });

  it("ends what fires of a target that is gone as removed", async () => {
    const gone = targetOf(2, 3);
    const without = wiredConfig(
      NAMES.filter((name) => name !== gone),
      1,
    );
    await WiredAlerter.run(THREE, async (wired) => {
      const before = monitorsOf(wired);
      before[2]?.begin(alert({ target: gone }, wired.now));
      await wired.minutes(1, ...before);
      wired.deploy(without);
      await wired.minutes(2, takeOver(wired, 0));
      expect(wired.messages).toEqual([`ZakoTest ${gone} firing`, `ZakoTest ${gone} resolved`]);
      expect([...wired.core.head().alerts.all.values()]).toMatchObject([{ why: "removed" }]);
    });
  });

  it("ends what a shard fires of itself with the shard, and keeps what the others do", async () => {
    await WiredAlerter.run(THREE, async (wired) => {
      const before = monitorsOf(wired);
      for (const [shard, monitor] of before.entries()) monitor.begin(alert({ shard: String(shard) }, wired.now));
      await wired.minutes(1, ...before);
      wired.messages.length = 0;
      wired.deploy(TWO);
      const after = [takeOver(wired, 0), takeOver(wired, 1)];
      await wired.minutes(6, ...after);
      // They are one group: its message names what still fires, too.
      expect(wired.messages.filter((line) => line.endsWith("resolved"))).toHaveLength(1);
      expect(after.map(({ firing }) => firing.size)).toEqual([1, 1]);
    });
  });
});

describe("a drill", () => {
  const [A, B] = [wiredConfig(["a", "b"], 2), wiredConfig(["b"], 1)];

  it.each([
    ["that names no target", {}],
    ["that names a target of another shard", { target: "b" }],
    ["that names a target that is gone", { target: "a" }],
    ["that names a target that never was", { target: "made-up" }],
  ])("%s lasts its five minutes, whatever is deployed meanwhile", async (_, labels) => {
    await WiredAlerter.run(A, async (wired) => {
      await wired.minutes(1, ...monitorsOf(wired));
      wired.core.drill({ severity: "critical", ...labels }, "tester");
      const begun = wired.now;
      await wired.minutes(1, ...monitorsOf(wired));
      const { target } = labels as { target?: string };
      expect(wired.messages).toEqual([`ZakoDrill ${target} firing`]);
      wired.deploy(B);
      const after = takeOver(wired, 0);
      // It is the Alerter's own.
      expect(after.firing.size).toBe(0);
      await wired.minutes(2, after);
      wired.deploy(A);
      await wired.minutes(1, ...monitorsOf(wired));
      expect(wired.messages).toHaveLength(1);
      await wired.minutes(10, ...monitorsOf(wired));
      expect(wired.messages).toEqual([`ZakoDrill ${target} firing`, `ZakoDrill ${target} resolved`]);
      const [drill] = [...wired.core.head().alerts.all.values()];
      expect(drill).toMatchObject({ why: "recovered" });
      expect((drill?.resolvedAt ?? 0) - begun).toBeGreaterThanOrEqual(300_000);
    });
  });
});
