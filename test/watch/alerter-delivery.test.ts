import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Alert } from "../../functions/model/alert.ts";
import type { AlerterConfig } from "../../functions/watch/alerter-ports.ts";
import { brokenLaws } from "./alerter-laws.ts";
import {
  AlerterWorld,
  alert,
  alerterConfig,
  FakeMonitor,
  MINUTE,
  type Mode,
  receiver,
  route,
  START,
} from "./alerter-world.ts";

const RECEIVERS = ["team", "also", "boss"].map((name) => receiver(name));

/** Alerts go to all of `names`; failover goes to `boss`. Groups do not wait. */
function routedTo(...names: string[]): AlerterConfig {
  const routes = names.map((name) =>
    route({ key: `{}/${name}`, receiver: name, continue: true, groupWaitMs: 0, groupIntervalMs: MINUTE }),
  );
  const policy = { ...alerterConfig().policy, inhibitions: [], route: route({ receiver: "boss", routes }) };
  return alerterConfig({ policy, receivers: RECEIVERS });
}

class Scene {
  readonly world: AlerterWorld;
  readonly monitor: FakeMonitor;

  constructor(storage: DurableObjectStorage, config: AlerterConfig) {
    this.world = new AlerterWorld(storage, config);
    this.monitor = new FakeMonitor(this.world);
  }

  begin(labels: Record<string, string> = {}): Alert {
    const begun = this.monitor.begin(alert({ target: "a", ...labels }, this.world.now));
    this.monitor.report();
    return begun;
  }

  end(one: Alert): void {
    this.monitor.end(one);
    this.monitor.report();
  }

  async minutes(count: number): Promise<void> {
    const at = this.world.now + count * MINUTE;
    while (this.world.now < at) {
      this.monitor.report();
      await this.world.until(Math.min(at, this.world.now + MINUTE));
    }
  }

  /** When tries of messages to the receiver began, s since the start. */
  triesOf(name: string): number[] {
    return this.world.tries.filter(({ to }) => to === `${name}.0`).map(({ at }) => (at - START) / 1000);
  }

  /** What reached the receiver, each message once. */
  heard(name: string): string[] {
    return this.world.inbox(`${name}.0`).map(({ status }) => status);
  }
}

let objects = 0;
const play = (config: AlerterConfig, run: (scene: Scene) => Promise<void>): Promise<void> =>
  runInDurableObject(env.ALERTER.getByName(`delivery-${objects++}`), async (_instance, { storage }) =>
    run(new Scene(storage, config)),
  );

test("a page that a receiver swallowed twice is sent until it is taken, and its end is told", () =>
  play(routedTo("team"), async (scene) => {
    const { world } = scene;
    world.modes.set("team.0", "hangs");
    const down = scene.begin();
    await scene.minutes(1);
    expect(scene.triesOf("team").length).toBeGreaterThan(2);
    world.modes.clear();
    await scene.minutes(1);
    expect(scene.heard("team")).toEqual(["firing"]);
    // It hung three times, so the next one was told too.
    expect(scene.heard("boss")).toEqual(["firing"]);
    scene.end(down);
    await scene.minutes(2);
    expect([scene.heard("team"), scene.heard("boss")]).toEqual([
      ["firing", "resolved"],
      ["firing", "resolved"],
    ]);
    expect(brokenLaws(world, true)).toEqual([]);
  }));

test("an end that a receiver swallowed is sent until it is taken", () =>
  play(routedTo("team"), async (scene) => {
    const down = scene.begin();
    await scene.minutes(1);
    scene.world.modes.set("team.0", "silent");
    scene.end(down);
    await scene.minutes(30);
    scene.world.modes.clear();
    await scene.minutes(10);
    expect(scene.heard("team")).toEqual(["firing", "resolved"]);
  }));

test("no page waits for longer than a minute, whatever a receiver answers or asks for", async () => {
  for (const mode of ["rejects", "refuses", "busy", "fails", "silent", "hangs"] as const)
    await play(routedTo("team"), async (scene) => {
      scene.world.modes.set("team.0", mode);
      scene.begin();
      await scene.minutes(30);
      const tries = scene.triesOf("team");
      const gaps = tries.slice(1).map((at, i) => at - (tries[i] as number));
      expect(Math.max(...gaps), mode).toBeLessThan(60);
      expect(tries.at(-1), mode).toBeGreaterThan(29 * 60);
      scene.world.modes.clear();
      await scene.minutes(1);
      expect(scene.heard("team"), mode).toContain("firing");
    });
});

test("what a receiver asks for a warning's sake does not hold a page back", () =>
  play(routedTo("team", "also"), async (scene) => {
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
  play(routedTo("team"), async (scene) => {
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
    expect(scene.heard("team")).toEqual(["firing", "firing"]);
    // Who stands in for it hears of the one that it does not take, and of what comes while it has just failed.
    const stood = world.inbox("boss.0").flatMap(({ alerts }) => alerts.map(({ labels }) => labels["target"]));
    expect(stood).toEqual(["poison", "b"]);
  }));

test("a receiver that leaves the configuration while nobody knows whether it has heard is told the end, and no page more", () =>
  play(routedTo("team"), async (scene) => {
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
    expect([scene.heard("team"), scene.heard("also")]).toEqual([[], ["firing"]]);
    monitor.end(down);
    monitor.report();
    await world.until(world.now + 2 * MINUTE);
    expect([scene.heard("team"), scene.heard("also")]).toEqual([["resolved"], ["firing", "resolved"]]);
  }));

test("a relay that forgets hears each minute of what fires, whatever it answers and although it is silenced meanwhile", async () => {
  const relay = { ...routedTo("team", "also"), receivers: [receiver("team", "relay"), ...RECEIVERS.slice(1)] };
  for (const mode of ["busy", "fails", "silent"] as const)
    await play(relay, async (scene) => {
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

type Row = [mode: Mode | "dies", nextTryS: number, standsIn: boolean, ...told: [whenOver: string, later: string]];

/**
 * When the second try begins, s after the first; whether `boss` is told within two minutes; and what `team` has heard an
 * hour after the end, where that came while it still behaved so, and where it behaves again two minutes before.
 */
const BOTH = "firing resolved";
const CASES: Record<string, readonly Row[]> = {
  "critical, the only receiver": [
    ["takes", Number.NaN, false, BOTH, BOTH],
    ["lost", 5, true, BOTH, BOTH],
    ["silent", 5, true, "resolved", BOTH],
    ["hangs", 15, true, "resolved", BOTH],
    ["dies", 0, false, BOTH, BOTH],
    ["fails", 5, true, BOTH, BOTH],
    ["busy", 45, true, BOTH, BOTH],
    ["rejects", 45, true, "", BOTH],
    ["refuses", 45, true, "", BOTH],
  ],
  "critical, one of two": [
    ["takes", Number.NaN, false, BOTH, BOTH],
    ["lost", 5, true, BOTH, BOTH],
    ["silent", 5, true, "resolved", BOTH],
    ["hangs", 15, true, "resolved", BOTH],
    ["dies", 0, false, BOTH, BOTH],
    ["fails", 5, true, BOTH, BOTH],
    ["busy", 45, true, BOTH, BOTH],
    ["rejects", 45, true, "", BOTH],
    ["refuses", 45, true, "", BOTH],
  ],
  "warning, the only receiver": [
    ["takes", Number.NaN, false, BOTH, BOTH],
    ["lost", 5, false, BOTH, BOTH],
    ["silent", 5, false, "resolved", BOTH],
    ["hangs", 15, false, "resolved", BOTH],
    ["dies", 0, false, BOTH, BOTH],
    ["fails", 5, false, BOTH, BOTH],
    ["busy", 45, false, BOTH, BOTH],
    ["rejects", 45, false, "", BOTH],
    ["refuses", 45, false, "", BOTH],
  ],
  "warning, one of two": [
    ["takes", Number.NaN, false, BOTH, BOTH],
    ["lost", 5, false, BOTH, BOTH],
    ["silent", 5, false, "resolved", BOTH],
    ["hangs", 15, false, "resolved", BOTH],
    ["dies", 0, false, BOTH, BOTH],
    ["fails", 5, false, BOTH, BOTH],
    ["busy", 3600, false, BOTH, BOTH],
    ["rejects", 900, false, "", ""],
    ["refuses", 900, false, "", ""],
  ],
};

test.each(Object.entries(CASES))("what becomes of a first try: %s", async (name, rows) => {
  const [severity = "", audience] = name.split(", ");
  const config = audience === "the only receiver" ? routedTo("team") : routedTo("team", "also");
  for (const [mode, nextTryS, standsIn, whenOver, later] of rows) {
    const begin = (scene: Scene): Alert => {
      if (mode === "dies")
        scene.world.onDeliver = async () => {
          scene.world.onDeliver = undefined;
          scene.world.dieAt = scene.world.points + 1;
        };
      else scene.world.modes.set("team.0", mode);
      return scene.begin({ severity });
    };
    const found: (string | number | boolean)[] = [mode];
    await play(config, async (scene) => {
      begin(scene);
      await scene.minutes(2);
      const boss = scene.heard("boss").length > 0;
      await scene.minutes(61);
      const [first = Number.NaN, second = Number.NaN] = scene.triesOf("team");
      found.push(second - first, boss);
    });
    for (const mendsFirst of [false, true])
      await play(config, async (scene) => {
        const one = begin(scene);
        await scene.minutes(2);
        if (mendsFirst) {
          scene.world.modes.clear();
          await scene.minutes(2);
        }
        scene.end(one);
        await scene.minutes(2);
        scene.world.modes.clear();
        await scene.minutes(65);
        expect(brokenLaws(scene.world, true), mode).toEqual([]);
        const { outbox, told } = scene.world.core.head();
        expect([outbox.all.size, told.all.size], mode).toEqual([0, 0]);
        found.push(scene.heard("team").join(" "));
      });
    expect(found).toEqual([mode, nextTryS, standsIn, whenOver, later]);
  }
});
