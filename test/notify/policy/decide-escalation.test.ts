import { describe, expect, it } from "vitest";
import type { EscalationStep } from "../../../functions/model/alerting/route.ts";
import { OPEN_AFTER } from "../../../functions/notify/delivery/retry.ts";
import { MINUTE, receiver, route, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const HOUR = 60 * MINUTE;
const CRITICAL = { severity: "critical" };
const RECEIVERS = ["team", "boss", "head", "all"].map((name) => receiver(name));

const step = (name: string, minutes: number, unless: EscalationStep["unless"] = ["acknowledged", "silenced"]) => ({
  afterMs: minutes * MINUTE,
  receiver: name,
  unless,
});

/** The root's receiver is `all`; everything is routed to `team`. */
const worldOf = (...escalation: EscalationStep[]) =>
  new DecideWorld(
    {
      route: route({ receiver: "all", routes: [route({ key: "{}/{}", receiver: "team" })] }),
      severities: {
        critical: severity({ escalation, repeatIntervalMs: 24 * HOUR }),
        warning: severity({ escalation, repeatIntervalMs: 24 * HOUR }),
        info: severity(),
      },
    },
    RECEIVERS,
  );

describe("steps", () => {
  it("are taken one after the other, counted from the first notification, and all of them hear of the end", () => {
    const world = worldOf(step("boss", 7), step("head", 20));
    const a = world.begin("a");
    expect(world.wait(HOUR)).toEqual([
      "30s team: first notification +a",
      "450s boss: escalation +a",
      "1230s head: escalation +a",
    ]);
    world.end(a);
    expect(world.settle().sort()).toEqual([
      "60m boss: all alerts resolved -a",
      "60m head: all alerts resolved -a",
      "60m team: all alerts resolved -a",
    ]);
  });

  it("are not taken before their time, nor once the alert is over", () => {
    const world = worldOf(step("boss", 7));
    const a = world.begin("a", CRITICAL);
    expect(world.wait(7 * MINUTE - 1)).toEqual(["0m team: first notification +a"]);
    expect(world.suppressedOf(a)).toEqual(["boss: escalates if still firing"]);
    world.end(a);
    expect(world.wait(HOUR)).toEqual(["419.999s team: all alerts resolved -a"]);
  });

  it("tell a group that nobody knows yet of a second alert by themselves", () => {
    const world = worldOf(step("boss", 7));
    world.begin("a", { ...CRITICAL, probe: "x" });
    world.wait(3 * MINUTE);
    world.begin("a", { ...CRITICAL, probe: "y" });
    expect(world.wait(HOUR)).toEqual([
      "3m team: new alerts added +a =a",
      "7m boss: escalation +a",
      "10m boss: escalation +a =a",
    ]);
  });

  it("tell whom they reach at once, whatever the group of the receiver waits for", () => {
    const world = worldOf(step("boss", 7));
    const { severities } = world.policy;
    const info = { ...severities.info, escalation: [step("boss", 9)] };
    world.policy = { ...world.policy, severities: { ...severities, info } };
    world.begin("a");
    world.begin("a", { severity: "info" });
    expect(world.wait(HOUR)).toEqual([
      "30s team: first notification +a +a",
      "450s boss: escalation +a",
      "570s boss: escalation +a =a",
    ]);
  });

  it("are skipped for a receiver that is told anyway", () => {
    const world = worldOf(step("team", 7));
    world.begin("a", CRITICAL);
    expect(world.wait(HOUR)).toEqual(["0m team: first notification +a"]);
  });

  const unless: [EscalationStep["unless"], whenAcknowledged: boolean, whenSilenced: boolean][] = [
    [["acknowledged", "silenced"], false, false],
    [["acknowledged"], false, true],
    [["silenced"], true, false],
    [[], true, true],
  ];
  it.each(unless)("unless %j", (words, whenAcknowledged, whenSilenced) => {
    const taken = (act: (world: DecideWorld, key: string) => void): boolean => {
      const world = worldOf(step("boss", 7, words));
      const a = world.begin("a", CRITICAL);
      world.settle();
      act(world, a);
      return world.wait(HOUR).includes("7m boss: escalation +a");
    };
    expect(taken((world, key) => world.acknowledge(key))).toBe(whenAcknowledged);
    expect(taken((world) => world.silence("a", 2 * HOUR))).toBe(whenSilenced);
    expect(taken(() => undefined)).toBe(true);
  });

  it("come when a silence ends, where they were due meanwhile", () => {
    const world = worldOf(step("boss", 7));
    const a = world.begin("a", CRITICAL);
    world.settle();
    world.silence("a", 30 * MINUTE);
    expect(world.suppressedOf(a)).toEqual(["team: silenced by s0", "boss: silenced by s0"]);
    expect(world.wait(HOUR)).toEqual(["30m boss: escalation +a"]);
  });

  it("are not held by the window of a route beside the one that tells", () => {
    const world = worldOf(step("boss", 7));
    const audit = route({ key: "{}/audit", receiver: "head", continue: true, muteIntervals: ["always"] });
    const { route: root } = world.policy;
    world.policy = {
      ...world.policy,
      route: { ...root, routes: [audit, ...root.routes] },
      intervals: [{ name: "always", spans: [{ location: "UTC" }] }],
    };
    const a = world.begin("a", CRITICAL);
    expect(world.wait(HOUR)).toEqual(["0m team: first notification +a", "7m boss: escalation +a"]);
    expect(world.suppressedOf(a)).toEqual(["head: muted by interval always of its route"]);
  });

  it("begin with the first notification, so what was muted from the start climbs no step", () => {
    const world = worldOf(step("boss", 7, []));
    world.silence("a", 2 * HOUR);
    const a = world.begin("a", CRITICAL);
    expect(world.wait(HOUR)).toEqual([]);
    expect(world.suppressedOf(a)).toEqual([
      "team: silenced by s0",
      "boss: escalation starts after the first notification",
    ]);
    expect(world.wait(2 * HOUR)).toEqual(["120m team: first notification +a", "127m boss: escalation +a"]);
  });

  it("say who has acknowledged, and an acknowledgement ends with its alert", () => {
    const world = worldOf(step("boss", 7));
    const a = world.begin("a", CRITICAL);
    world.settle();
    world.acknowledge(a);
    expect(world.suppressedOf(a)).toEqual(["boss: acknowledged by ann"]);
    world.wait(HOUR);
    world.end(a);
    world.wait(MINUTE);
    world.begin("a", CRITICAL);
    expect(world.wait(HOUR)).toEqual(["61m team: first notification +a", "68m boss: escalation +a"]);
  });
});

describe("a receiver that cannot be reached", () => {
  /** Everybody has been told of something before, so endpoints are known. */
  const known = (...escalation: EscalationStep[]) => {
    const world = worldOf(...escalation);
    world.begin("z", CRITICAL);
    world.wait(HOUR);
    return world;
  };

  it("is followed at once by the next step, and by the root's receiver after the last", () => {
    const world = known(step("boss", 7), step("head", 20));
    for (const name of ["team", "boss", "head"]) world.fates.set(name, "stuck");
    world.breaks("team");
    world.begin("a", CRITICAL);
    expect(world.settle()).toEqual(["60m team: first notification +a", "60m boss: escalation +a"]);
    world.breaks("boss");
    world.begin("b", CRITICAL);
    expect(world.settle()).toEqual([
      "60m team: first notification +b",
      "60m boss: escalation +b",
      "60m head: escalation +a",
      "60m head: escalation +b",
    ]);
    world.breaks("head");
    expect(world.settle()).toEqual(["60m all: escalation +a", "60m all: escalation +b"]);
  });

  it("is stood in for although others are told, and although it has another way that works", () => {
    const world = new DecideWorld(
      {
        route: route({
          receiver: "all",
          routes: ["team", "head"].map((name) => route({ key: `{}/${name}`, receiver: name, continue: true })),
        }),
      },
      [receiver("team", "fake", "fake"), receiver("head"), receiver("all")],
    );
    world.begin("z", CRITICAL);
    world.wait(MINUTE);
    world.fates.set("team", "stuck");
    for (const [key, one] of world.head.endpoints.all)
      if (one.receiver === "team" && one.index === 1) world.head.endpoints.set(key, { ...one, failures: OPEN_AFTER });
    world.begin("a", CRITICAL);
    expect(world.settle().sort()).toEqual([
      "1m all: escalation +a",
      "1m head: first notification +a",
      "1m team: first notification +a",
      "1m team: first notification +a",
    ]);
  });

  it("hears of the end when its circuit has closed, and so does who stood in for it", () => {
    const world = known();
    world.breaks("team");
    const a = world.begin("a", CRITICAL);
    world.settle();
    world.breaks("team", 0);
    expect(world.wait(HOUR)).toEqual([]);
    world.end(a);
    expect(world.settle().sort()).toEqual(["120m all: all alerts resolved -a", "120m team: all alerts resolved -a"]);
  });

  it("is not stood in for where the alert is not critical, or somebody has taken it on", () => {
    const world = known();
    world.fates.set("team", "stuck");
    world.breaks("team");
    world.begin("a");
    expect(world.wait(HOUR)).toEqual(["3630s team: first notification +a"]);
    const b = world.begin("b", CRITICAL);
    world.acknowledge(b);
    expect(world.settle()).toEqual(["120m team: first notification +b"]);
  });

  it("was one where its message was given up, until another arrives", () => {
    const world = worldOf();
    world.fates.set("team", "refused");
    const a = world.begin("a", CRITICAL);
    expect(world.settle()).toEqual(["0m team: first notification +a", "0m all: escalation +a"]);
    world.fates.clear();
    expect(world.wait(HOUR)).toEqual(["45s team: first notification =a"]);
    world.end(a);
    expect(world.settle()).toHaveLength(2);
  });

  it("is one that the configuration has no more, too", () => {
    const world = worldOf(step("boss", 7));
    world.receivers = RECEIVERS.filter((one) => one.name !== "team");
    world.begin("a", CRITICAL);
    expect(world.settle()).toEqual(["0m boss: escalation +a"]);
  });
});
