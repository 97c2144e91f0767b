import { expect, test } from "vitest";
import { playDelivery, RECEIVERS, routedTo } from "../monitor/delivery-scene.ts";
import { brokenLaws } from "./laws.ts";
import { FakeMonitor, MINUTE, receiver } from "./world.ts";

test("a page with two uncertain attempts is sent until it is accepted, and its resolve is sent", () =>
  playDelivery(routedTo("team"), async (scene) => {
    const { world } = scene;
    world.modes.set("team.0", "hangs");
    const down = scene.begin();
    await scene.minutes(1);
    expect(scene.triesOf("team").length).toBeGreaterThan(2);
    world.modes.clear();
    await scene.minutes(1);
    expect(scene.freshVotes("team")).toEqual(["firing"]);
    // It hung three times, so the next one was told too.
    expect(scene.freshVotes("boss")).toEqual(["firing"]);
    scene.end(down);
    await scene.minutes(2);
    expect([scene.freshVotes("team"), scene.freshVotes("boss")]).toEqual([
      ["firing", "resolved"],
      ["firing", "resolved"],
    ]);
    expect(brokenLaws(world, true)).toEqual([]);
  }));

test("an end that a receiver swallowed is sent until it is taken", () =>
  playDelivery(routedTo("team"), async (scene) => {
    const down = scene.begin();
    await scene.minutes(1);
    scene.world.modes.set("team.0", "silent");
    scene.end(down);
    await scene.minutes(30);
    scene.world.modes.clear();
    await scene.minutes(10);
    expect(scene.freshVotes("team")).toEqual(["firing", "resolved"]);
  }));

test("no page waits for longer than a minute, whatever a receiver answers or asks for", async () => {
  for (const mode of ["rejects", "refuses", "busy", "fails", "silent", "hangs"] as const)
    await playDelivery(routedTo("team"), async (scene) => {
      scene.world.modes.set("team.0", mode);
      scene.begin();
      await scene.minutes(30);
      const tries = scene.triesOf("team");
      const gaps = tries.slice(1).map((at, i) => at - (tries[i] as number));
      expect(Math.max(...gaps), mode).toBeLessThan(60);
      expect(tries.at(-1), mode).toBeGreaterThan(29 * 60);
      scene.world.modes.clear();
      await scene.minutes(1);
      expect(scene.freshVotes("team"), mode).toContain("firing");
    });
});

test("what a receiver asks for a warning's sake does not hold a page back", () =>
  playDelivery(routedTo("team", "also"), async (scene) => {
    scene.world.modes.set("team.0", "busy");
    scene.begin({ severity: "warning" });
    await scene.minutes(1);
    scene.world.modes.clear();
    scene.begin({ target: "b" });
    await scene.world.until(scene.world.now + 6_000);
    expect(scene.world.inbox("team.0").flatMap(({ alerts }) => alerts.map(({ labels }) => labels["target"]))).toContain(
      "b",
    );
  }));

test("a page that one receiver never takes holds up no other page to it", () =>
  playDelivery(routedTo("team"), async (scene) => {
    const { world } = scene;
    world.onDeliver = async ({ receiver: name, alerts }) => {
      const isPoison = alerts.some(({ labels }) => labels["target"] === "poison");
      world.modes.set(`${name}.0`, name === "team" && isPoison ? "hangs" : "takes");
    };
    scene.begin({ target: "poison" });
    await scene.minutes(3);
    scene.begin({ target: "b" });
    scene.begin({ target: "c", severity: "warning" });
    await scene.minutes(2);
    expect(scene.freshVotes("team")).toEqual(["firing", "firing"]);
    // Who stands in for it hears of the one that it does not take, and of what comes while it has just failed.
    const stood = world.inbox("boss.0").flatMap(({ alerts }) => alerts.map(({ labels }) => labels["target"]));
    expect(stood).toEqual(["poison", "b"]);
  }));

test("a receiver that is removed after an uncertain attempt gets the resolve, and no further page", () =>
  playDelivery(routedTo("team"), async (scene) => {
    const { world } = scene;
    world.modes.set("team.0", "silent");
    const down = scene.begin();
    await scene.minutes(1);
    world.restart({ ...routedTo("also"), receivers: RECEIVERS.slice(1), hash: "two" });
    const monitor = new FakeMonitor(world);
    monitor.begin(down);
    monitor.report();
    world.modes.clear();
    await world.until(world.now + 2 * MINUTE);
    expect([scene.freshVotes("team"), scene.freshVotes("also")]).toEqual([[], ["firing"]]);
    monitor.end(down);
    monitor.report();
    await world.until(world.now + 2 * MINUTE);
    expect([scene.freshVotes("team"), scene.freshVotes("also")]).toEqual([["resolved"], ["firing", "resolved"]]);
  }));

test("a forwarder that forgets gets the firing alerts each minute, whatever it answers and even while silenced", async () => {
  const forwarding = { ...routedTo("team", "also"), receivers: [receiver("team", "forwarder"), ...RECEIVERS.slice(1)] };
  for (const mode of ["busy", "fails", "silent"] as const)
    await playDelivery(forwarding, async (scene) => {
      const { world } = scene;
      world.refresh = { everyMs: MINUTE, resolvedForMs: 15 * MINUTE };
      scene.begin({ severity: "warning" });
      await scene.minutes(1);
      world.modes.set("team.0", mode);
      const silence = { id: "s", author: "ann", reason: "work", maintenance: false };
      const matchers = [{ name: "target", op: "=" as const, value: "a" }];
      world.call((core) =>
        core.putSilence({ ...silence, matchers, startsAt: world.now, endsAt: world.now + 60 * MINUTE }),
      );
      await scene.minutes(20);
      const tries = scene.triesOf("team");
      expect(Math.max(...tries.slice(1).map((at, i) => at - (tries[i] as number))), mode).toBeLessThanOrEqual(60);
      expect(tries.at(-1), mode).toBeGreaterThan(19 * 60);
    });
});
