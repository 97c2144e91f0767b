import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AlerterConfig } from "../../functions/alerter/alerter-ports.ts";
import type { Intake } from "../../functions/model/alerting/alert.ts";
import { alertKey, type KnownAlert } from "../../functions/model/alerting/alerter-state.ts";
import type { Silence } from "../../functions/model/alerting/silence.ts";
import { brokenByMutes, brokenLaws, type Doings, missedFiring } from "./laws.ts";
import {
  AlerterWorld,
  alert,
  alerterConfig,
  FakeMonitor,
  MINUTE,
  type Mode,
  receiver,
  route,
  severity,
} from "./world.ts";

const escalation = [{ afterMs: 7 * MINUTE, receiver: "boss", unless: ["acknowledged", "silenced"] as const }];
const base = alerterConfig();
const policy = {
  ...base.policy,
  severities: { critical: severity({ escalation }), warning: severity(), info: severity() },
};
const byTeam = [
  route({
    key: '{}/{severity="warning"}',
    matchers: [{ name: "severity", op: "=", value: "warning" }],
    receiver: "nightly",
    groupBy: [],
  }),
];

/** Configurations that may follow each other; the last has lost a receiver and regroups. */
const CONFIGS: readonly AlerterConfig[] = [
  { ...base, policy, receivers: [receiver("team", "fake", "fake"), receiver("nightly"), receiver("boss")] },
  {
    ...base,
    hash: "two",
    policy: { ...policy, route: route({ groupBy: ["alertname"], routes: byTeam }) },
    receivers: [receiver("team", "fake", "fake"), receiver("nightly"), receiver("boss")],
  },
  {
    ...base,
    hash: "three",
    policy: { ...policy, route: route({ receiver: "nightly", groupBy: ["..."] }) },
    receivers: [receiver("nightly"), receiver("boss")],
  },
];

const which = fc.nat({ max: 5 });
const labelsOf = (n: number): Record<string, string> => ({
  target: `t${n % 2}`,
  severity: n < 3 ? "critical" : "warning",
  alertname: n === 0 ? "ZakoTargetDown" : `ZakoProbe${n}`,
});

type Step =
  | { do: "begin" | "end" | "acknowledge"; n: number }
  | { do: "report" | "replay" | "die" | "old" }
  | { do: "wait"; minutes: number }
  | { do: "jump"; minutes: number }
  | { do: "silence"; n: number; minutes: number }
  | { do: "expire" }
  | { do: "mode"; to: string; mode: Mode }
  | { do: "config"; index: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("begin" as const, "end" as const), n: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("acknowledge" as const), n: which }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("report" as const, "replay" as const, "old" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("die" as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("wait" as const), minutes: fc.constantFrom(0, 1, 2, 6, 20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("jump" as const), minutes: fc.constantFrom(-300, -5, 5, 300) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("silence" as const), n: which, minutes: fc.constantFrom(3, 15, 200) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("expire" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("mode" as const),
      to: fc.constantFrom("team.0", "team.1", "nightly.0", "boss.0"),
      mode: fc.constantFrom<Mode>("takes", "lost", "silent", "fails", "busy", "rejects", "refuses"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("config" as const), index: fc.nat({ max: 2 }) }) },
);

interface Played extends Doings {
  world: AlerterWorld;
  missed: string[];
}

/** Whether the configuration sends alerts like this to the receiver, and nothing keeps this one from it. */
function isDue(world: AlerterWorld, { fingerprint, startsAt, labels }: KnownAlert, name: string): boolean {
  const index = CONFIGS.indexOf(world.config);
  const isWarning = labels["severity"] === "warning";
  const receives = index === 2 || (index === 1 && isWarning) ? "nightly" : "team";
  const key = alertKey({ fingerprint, startsAt });
  // Nobody is called again for what somebody has taken on, if the call was given up before.
  if (world.core.head().acknowledgements.get(key) !== undefined) return false;
  const suppressed = world.core.decision().suppressed.get(key) ?? [];
  return name === receives && !suppressed.some((one) => one.receiver === name && one.mute !== undefined);
}

async function play(storage: DurableObjectStorage, steps: readonly Step[]): Promise<Played> {
  await storage.deleteAll();
  const world = new AlerterWorld(storage, CONFIGS[0]);
  let monitor = new FakeMonitor(world);
  const memory: Doings = { silences: [], acknowledgedAt: new Map(), jumped: false };
  let old: Intake | undefined;
  for (const one of steps) {
    switch (one.do) {
      case "begin":
        if ([...monitor.firing.values()].some(({ labels }) => labels["alertname"] === labelsOf(one.n)["alertname"]))
          break;
        monitor.begin(alert(labelsOf(one.n), world.now, `at ${world.now}`));
        // A new critical alert ends acknowledgements of its target.
        if (labelsOf(one.n)["severity"] === "critical")
          for (const [print, { labels }] of monitor.firing)
            if (labels["target"] === labelsOf(one.n)["target"])
              for (const key of [...memory.acknowledgedAt.keys()])
                if (key.startsWith(`${print}@`)) memory.acknowledgedAt.delete(key);
        break;
      case "end":
        monitor.end(alert(labelsOf(one.n), 0));
        break;
      case "acknowledge": {
        const found = monitor.firing.get(alert(labelsOf(one.n), 0).fingerprint);
        if (found !== undefined && world.call((core) => core.acknowledge(found, "ann", "")) === true)
          memory.acknowledgedAt.set(
            alertKey(found),
            Math.min(world.now, memory.acknowledgedAt.get(alertKey(found)) ?? world.now),
          );
        break;
      }
      case "report":
        old ??= monitor.generation > 0 ? monitor.intake() : undefined;
        monitor.report();
        break;
      case "replay": {
        if (monitor.generation === 0) break;
        const intake = monitor.intake();
        world.call((core) => core.intake(intake));
        world.call((core) => core.intake(intake));
        break;
      }
      case "old":
        if (old !== undefined) world.call((core) => core.intake(old as Intake));
        break;
      case "die":
        world.dieAt = world.points + 1 + (world.points % 7);
        break;
      case "wait":
        for (let i = 0; i < one.minutes; i++) {
          if (i % 2 === 0) monitor.report();
          await world.until(world.now + MINUTE);
        }
        await world.until(world.now);
        break;
      case "jump":
        memory.jumped = true;
        world.now += one.minutes * MINUTE;
        world.alarmAt = world.now;
        break;
      case "silence": {
        const silence: Silence = {
          id: `s${memory.silences.length}`,
          matchers: [{ name: "target", op: "=", value: `t${one.n % 2}` }],
          startsAt: world.now,
          endsAt: world.now + one.minutes * MINUTE,
          author: "ann",
          reason: "work",
          maintenance: false,
        };
        if (world.call((core) => core.putSilence(silence) ?? true) === true) memory.silences.push(silence);
        break;
      }
      case "expire": {
        const last = memory.silences.at(-1);
        if (last === undefined) break;
        world.call((core) => core.expireSilence(last.id));
        // A call that dies after its commit answers nobody, and has expired the silence all the same.
        const stored = world.core.head().silences.get(last.id);
        if (stored !== undefined) memory.silences[memory.silences.length - 1] = stored;
        break;
      }
      case "mode":
        world.modes.set(one.to, one.mode);
        break;
      case "config": {
        const { firing, resolved } = monitor;
        world.restart(CONFIGS[one.index] as AlerterConfig);
        world.alarmAt = world.now;
        monitor = new FakeMonitor(world);
        for (const [print, known] of firing) monitor.firing.set(print, known);
        monitor.resolved = resolved;
        break;
      }
    }
  }
  world.modes.clear();
  world.dieAt = Number.POSITIVE_INFINITY;
  // The longest that a receiver is believed to want to be left alone, and a message to wait after that.
  for (let i = 0; i < 80; i++) {
    monitor.report();
    await world.until(world.now + MINUTE);
  }
  const missed = missedFiring(world, (one, name) => isDue(world, one, name), world.config.receivers);
  for (const known of [...monitor.firing.values()]) monitor.end(known);
  for (let i = 0; i < 60; i++) {
    monitor.report();
    await world.until(world.now + MINUTE);
  }
  expect(monitor.resolved).toEqual([]);
  return { world, missed, ...memory };
}

/** An endpoint that answers no try of an end: nobody can know whether it was told, so it is told until it answers. */
const SILENT_AT_THE_END: Step[] = [
  { do: "begin", n: 2 },
  { do: "wait", minutes: 20 },
  { do: "end", n: 2 },
  { do: "mode", to: "team.0", mode: "silent" },
  { do: "config", index: 0 },
  { do: "wait", minutes: 20 },
];

/** An expiry that is committed by a call that dies before it answers. */
const EXPIRED_BY_A_DYING_CALL: Step[] = [
  { do: "wait", minutes: 20 },
  { do: "wait", minutes: 6 },
  { do: "replay" },
  { do: "silence", n: 3, minutes: 3 },
  { do: "acknowledge", n: 0 },
  { do: "begin", n: 3 },
  { do: "die" },
  { do: "expire" },
];

test("whatever happens in whatever order, the laws of notification hold", async () => {
  await runInDurableObject(env.ALERTER.getByName("random"), async (_instance, state) => {
    let messages = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const played = await play(state.storage, steps);
        const { world, missed, jumped } = played;
        expect([...missed, ...brokenLaws(world, true, jumped), ...brokenByMutes(world, played)]).toEqual([]);
        const { outbox, notificationLog } = played.world.core.head();
        expect([outbox.all.size, notificationLog.all.size]).toEqual([0, 0]);
        messages += played.world.arrivals.length;
      }),
      { numRuns: 80, examples: [[SILENT_AT_THE_END], [EXPIRED_BY_A_DYING_CALL]] },
    );
    expect(messages).toBeGreaterThan(50);
  });
});
