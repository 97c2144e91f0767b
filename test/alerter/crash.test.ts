import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Alert } from "../../functions/model/alerting/alert.ts";
import { brokenLaws } from "./laws.ts";
import { AlerterWorld, alert, alerterConfig, FakeMonitor, MINUTE, receiver, route, severity } from "./world.ts";

const escalating = alerterConfig({
  policy: {
    ...alerterConfig().policy,
    route: route({ groupWaitMs: 0, groupIntervalMs: MINUTE }),
    severities: {
      critical: severity({
        escalation: [{ afterMs: 5 * MINUTE, receiver: "boss", unless: ["acknowledged", "silenced"] }],
      }),
      warning: severity(),
      info: severity(),
    },
  },
  receivers: [receiver("team", "fake", "fake"), receiver("boss")],
});

interface Scenario {
  name: string;
  /** Alerts by endpoint that must have been told as firing, whatever happened. */
  play: (world: AlerterWorld, monitor: FakeMonitor, step: (minutes: number) => Promise<void>) => Promise<NamedRun>;
}

type NamedRun = readonly (readonly [to: string, alert: Alert])[];

const SCENARIOS: readonly Scenario[] = [
  {
    name: "one alert fires and ends",
    play: async (world, monitor, step) => {
      const down = monitor.begin(alert({ target: "a" }, world.now));
      await step(2);
      monitor.end(down);
      await step(2);
      return [
        ["team.0", down],
        ["team.1", down],
      ];
    },
  },
  {
    name: "a group grows, somebody acknowledges, it shrinks",
    play: async (world, monitor, step) => {
      const first = monitor.begin(alert({ target: "a" }, world.now));
      await step(1);
      const second = monitor.begin(alert({ target: "a", severity: "warning" }, world.now));
      await step(2);
      while (world.call((core) => core.acknowledge(first, "ann", "")) === undefined);
      await step(2);
      monitor.end(second);
      await step(2);
      monitor.end(first);
      await step(2);
      return [
        ["team.0", first],
        ["team.0", second],
      ];
    },
  },
  {
    name: "nobody acts, so the next step is notified; silenced while it ends",
    play: async (world, monitor, step) => {
      const down = monitor.begin(alert({ target: "a" }, world.now));
      await step(7);
      const silence = {
        id: "s",
        matchers: [{ name: "target", op: "=" as const, value: "a" }],
        startsAt: world.now,
        endsAt: world.now + 60 * MINUTE,
        author: "ann",
        reason: "work",
        maintenance: false,
      };
      while (world.call((core) => core.putSilence(silence) ?? true) === undefined);
      await step(1);
      monitor.end(down);
      await step(2);
      return [
        ["team.0", down],
        ["boss.0", down],
      ];
    },
  },
  {
    name: "a receiver fails for a while, another loses its answers",
    play: async (world, monitor, step) => {
      world.modes.set("team.0", "fails").set("team.1", "lost");
      const down = monitor.begin(alert({ target: "a" }, world.now));
      await step(3);
      world.modes.set("team.0", "takes").set("team.1", "takes");
      const more = monitor.begin(alert({ target: "b" }, world.now));
      await step(12);
      monitor.end(down);
      monitor.end(more);
      await step(2);
      return [
        ["team.0", down],
        ["team.1", down],
        ["team.0", more],
        ["boss.0", down],
      ];
    },
  },
  {
    name: "a receiver takes one message and then refuses, as it refuses the end at first",
    play: async (world, monitor, step) => {
      const down = monitor.begin(alert({ target: "a" }, world.now));
      world.onDeliver = async () => {
        if (world.inbox("team.0").length > 0) world.modes.set("team.0", "refuses");
      };
      await step(2);
      world.onDeliver = undefined;
      monitor.end(down);
      await step(1);
      world.modes.set("team.0", "takes");
      await step(20);
      return [["team.0", down]];
    },
  },
  {
    name: "an alert ends and begins again",
    play: async (world, monitor, step) => {
      const first = monitor.begin(alert({ target: "a" }, world.now));
      await step(2);
      monitor.end(first);
      world.now += 1000;
      const again = monitor.begin(alert({ target: "a" }, world.now));
      await step(2);
      monitor.end(again);
      await step(2);
      return [
        ["team.0", first],
        ["team.0", again],
      ];
    },
  },
];

async function play(storage: DurableObjectStorage, scenario: Scenario, dieAt: number): Promise<AlerterWorld> {
  await storage.deleteAll();
  const world = new AlerterWorld(storage, escalating);
  world.dieAt = dieAt;
  const monitor = new FakeMonitor(world);
  const step = async (minutes: number): Promise<void> => {
    for (let i = 0; i < minutes; i++) {
      monitor.report();
      await world.until(world.now + MINUTE);
    }
  };
  const pending = await scenario.play(world, monitor, step);
  await step(3);
  expect(monitor.resolved).toEqual([]);
  const broken = brokenLaws(world, true);
  for (const [to, { fingerprint, startsAt }] of pending) {
    const notificationLog = world
      .inbox(to)
      .some(({ alerts }) => alerts.some((a) => a.fingerprint === fingerprint && a.startsAt === startsAt));
    if (!notificationLog) broken.push(`${to} was not told of ${fingerprint}`);
  }
  const { outbox, notificationLog, dead } = world.core.head();
  if (outbox.all.size > 0) broken.push("messages are left in the outbox");
  if (notificationLog.all.size > 0) broken.push("resolves are pending forever");
  if (dead.all.size > 0 && !scenario.name.includes("refuses")) broken.push("a message was given up");
  expect(broken, `${scenario.name}, dying at point ${dieAt}`).toEqual([]);
  return world;
}

test("whenever the object dies, nobody misses a page or its end, and only what was uncertain is repeated", async () => {
  let points = 0;
  const names = new Set<string>();
  await runInDurableObject(env.ALERTER.getByName("crash"), async (_instance, state) => {
    for (const scenario of SCENARIOS) {
      const whole = await play(state.storage, scenario, Number.POSITIVE_INFINITY);
      for (const name of whole.passed.keys()) names.add(name);
      for (let at = 1; at <= whole.points; at++) {
        const world = await play(state.storage, scenario, at);
        expect(world.points, "the death came").toBeGreaterThanOrEqual(at);
      }
      points += whole.points;
    }
  });
  console.log(`${points} points of death in ${SCENARIOS.length} scenarios: ${[...names].join(", ")}`);
  expect(names).toContain("after a delivery");
  expect(points).toBeGreaterThan(300);
});
