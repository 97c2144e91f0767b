import { describe, expect, it } from "vitest";
import type { NotifyPolicy, Route } from "../../../functions/model/alerting/route.ts";
import { MINUTE, receiver, route, START, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const HOUR = 60 * MINUTE;

/** From 06:00 to 12:00 in UTC, and from noon to one; the world starts at midnight. */
const INTERVALS: NotifyPolicy["intervals"] = [
  { name: "mornings", spans: [{ times: [{ from: 360, to: 720 }], location: "UTC" }] },
  { name: "lunch", spans: [{ times: [{ from: 720, to: 780 }], location: "UTC" }] },
];

const worldOf = (on: Partial<Route>, over: Partial<NotifyPolicy> = {}): DecideWorld =>
  new DecideWorld({ route: route(on), intervals: INTERVALS, ...over }, [receiver("team"), receiver("boss")]);

describe("a route with active intervals", () => {
  it("tells when one opens what still fires, and never what is over by then", () => {
    const world = worldOf({ activeIntervals: ["mornings"] });
    const a = world.begin("a", { severity: "critical" });
    const b = world.begin("b", { severity: "critical" });
    expect(world.wait(5 * HOUR)).toEqual([]);
    expect(world.suppressedOf(a)).toEqual(["team: outside the active interval mornings of its route"]);
    expect(world.decide().suppressed.get(a)).toMatchObject([{ mute: "active interval", until: START + 6 * HOUR }]);
    world.end(b);
    expect(world.wait(2 * HOUR)).toEqual(["360m team: first notification +a"]);
  });

  it("tells of the end to whoever was told of the beginning, outside too, and reminds nobody there", () => {
    const world = worldOf({ activeIntervals: ["mornings"], repeatIntervalMs: HOUR });
    world.now += 11 * HOUR;
    const a = world.begin("a", { severity: "critical" });
    expect(world.wait(3 * HOUR)).toEqual(["660m team: first notification +a"]);
    world.end(a);
    expect(world.settle()).toEqual(["840m team: all alerts resolved -a"]);
  });

  it("is active in any of several, and says all of them outside", () => {
    const world = worldOf({ activeIntervals: ["lunch", "mornings"] });
    const a = world.begin("a");
    expect(world.suppressedOf(a)).toEqual(["team: outside the active intervals lunch, mornings of its route"]);
    expect(world.wait(7 * HOUR)).toEqual(["360m team: first notification +a"]);
    world.wait(6 * HOUR - 1);
    world.begin("b");
    expect(world.settle()).toEqual([]);
    const noon = worldOf({ activeIntervals: ["lunch", "mornings"] });
    noon.now += 12 * HOUR + 30 * MINUTE;
    noon.begin("a", { severity: "critical" });
    expect(noon.settle()).toEqual(["750m team: first notification +a"]);
  });

  it("is muted by a window in its active interval, and by either where both hold", () => {
    const world = worldOf({ activeIntervals: ["mornings"], muteIntervals: ["mornings"] });
    const a = world.begin("a");
    expect(world.suppressedOf(a)).toEqual(["team: outside the active interval mornings of its route"]);
    world.wait(7 * HOUR);
    expect(world.suppressedOf(a)).toEqual(["team: muted by interval mornings of its route"]);
    expect(world.sent).toEqual([]);
  });

  it("keeps its own silence: its child and its sibling are told", () => {
    const child = route({
      key: '{}/{target="a"}',
      matchers: [{ name: "target", op: "=", value: "a" }],
      receiver: "boss",
    });
    const world = worldOf({ activeIntervals: ["mornings"], routes: [child] });
    world.begin("a", { severity: "critical" });
    world.begin("b", { severity: "critical" });
    expect(world.settle()).toEqual(["0m boss: first notification +a"]);
  });

  it("holds no escalation of what another route has told, and all of what none has", () => {
    const escalation = [{ afterMs: 7 * MINUTE, receiver: "boss", unless: [] }];
    const severities = { critical: severity({ escalation }), warning: severity(), info: severity() };
    const muted = worldOf({ activeIntervals: ["mornings"] }, { severities });
    muted.begin("a", { severity: "critical" });
    expect(muted.wait(HOUR)).toEqual([]);
    const routes = [
      route({ key: "{}/{a}", activeIntervals: ["mornings"], receiver: "late", continue: true }),
      route({ key: "{}/{b}" }),
    ];
    const open = worldOf({ routes }, { severities });
    open.receivers = [...open.receivers, receiver("late")];
    open.begin("a", { severity: "critical" });
    expect(open.wait(HOUR)).toEqual(["0m team: first notification +a", "7m boss: escalation +a"]);
  });

  it("that names only what nobody has defined is always active", () => {
    const world = worldOf({ activeIntervals: ["unheard of"] });
    world.begin("a", { severity: "critical" });
    expect(world.settle()).toHaveLength(1);
  });
});
