import { describe, expect, it } from "vitest";
import type { Maintenance } from "../../../functions/model/alerting/maintenance.ts";
import type { TimeSpan } from "../../../functions/model/alerting/route.ts";
import { routeTest } from "../../../functions/notify/policy/route-test.ts";
import { activeMaintenance, maintenanceSpans } from "../../../functions/notify/policy/windows/maintenance.ts";
import { MINUTE, receiver, route, START, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const HOUR = 60 * MINUTE;
const at = (text: string): number => Date.parse(text);
const clock = (from: number, to: number) => [{ from: from * 60, to: to * 60 }];

const maintenance = (spans: Partial<TimeSpan>[], over: Partial<Maintenance> = {}): Maintenance => ({
  name: "reboot",
  matchers: [{ name: "target", op: "=", value: "a" }],
  interval: { name: "reboot", spans: spans.map((span) => ({ location: "UTC", ...span })) },
  ...over,
});

/** Saturday from 23:00, over midnight, until Sunday 05:00, by the clocks of Berlin. */
const NIGHT = maintenance([
  { weekdays: [{ from: 6, to: 6 }], times: clock(23, 24), location: "Europe/Berlin" },
  { weekdays: [{ from: 0, to: 0 }], times: clock(0, 5), location: "Europe/Berlin" },
]);

describe("the time of a maintenance", () => {
  const rows: [what: string, from: string, to: string, hours: number][] = [
    ["goes over midnight", "2026-11-21T22:00Z", "2026-11-22T04:00Z", 6],
    ["is an hour shorter when clocks go forward", "2026-03-28T22:00Z", "2026-03-29T03:00Z", 5],
    ["is an hour longer when they go back", "2026-10-24T21:00Z", "2026-10-25T04:00Z", 7],
  ];
  it.each(rows)("%s", (_what, from, to, hours) => {
    const day = { from: at(from) - 12 * HOUR, to: at(to) + 12 * HOUR };
    expect(maintenanceSpans(NIGHT, day)).toEqual([{ from: at(from), to: at(to) }]);
    expect((at(to) - at(from)) / HOUR).toBe(hours);
    const active = (moment: number) => activeMaintenance([NIGHT], { target: "a" }, moment);
    expect(active(at(from) - 1)).toBeUndefined();
    expect(active(at(from))).toEqual({ name: "reboot", until: at(to) });
    expect(active(at(to) - 1)).toEqual({ name: "reboot", until: at(to) });
    expect(active(at(to))).toBeUndefined();
  });

  it("is cut by a beginning and an end, or is what is between them", () => {
    const [startsAt, endsAt] = [START + HOUR, START + 3 * HOUR];
    const once = maintenance([{}], { startsAt, endsAt });
    const whole = { from: START - HOUR, to: START + 9 * HOUR };
    expect(maintenanceSpans(once, whole)).toEqual([{ from: startsAt, to: endsAt }]);
    expect(activeMaintenance([once], { target: "a" }, startsAt)).toEqual({ name: "reboot", until: endsAt });
    expect(activeMaintenance([once], { target: "a" }, endsAt)).toBeUndefined();
    const hourly = maintenance([{ times: clock(0, 2) }], { startsAt });
    expect(maintenanceSpans(hourly, whole)).toEqual([{ from: startsAt, to: START + 2 * HOUR }]);
  });

  it("is that of the targets that match, by name or own label, and of nothing that has no target", () => {
    const team = maintenance([{}], { matchers: [{ name: "team", op: "=", value: "build" }], endsAt: START + HOUR });
    const active = (labels: Record<string, string>) => activeMaintenance([team], labels, START)?.name;
    expect(active({ target: "b", team: "build" })).toBe("reboot");
    expect(active({ target: "b", team: "web" })).toBeUndefined();
    expect(active({ team: "build" })).toBeUndefined();
  });

  it("lasts until the last of several that overlap", () => {
    const both = [maintenance([{ times: clock(0, 1) }]), maintenance([{ times: clock(0, 3) }], { name: "longer" })];
    expect(activeMaintenance(both, { target: "a" }, START)).toEqual({ name: "longer", until: START + 3 * HOUR });
  });
});

describe("during a maintenance", () => {
  const worldOf = (): DecideWorld => {
    const escalation = [{ afterMs: 5 * MINUTE, receiver: "boss", unless: [] }];
    const severities = { critical: severity({ escalation }), warning: severity(), info: severity() };
    const world = new DecideWorld({ severities }, [receiver("team"), receiver("boss")]);
    world.maintenance = [maintenance([{ times: clock(1, 2) }])];
    return world;
  };

  it("nobody is told of its targets, escalation included; what still fires at its end is told then", () => {
    const world = worldOf();
    world.now += HOUR;
    const a = world.begin("a", { severity: "critical" });
    const over = world.begin("a", { severity: "critical", alertname: "Brief" });
    world.begin("b", { severity: "critical" });
    expect(world.wait(50 * MINUTE)).toEqual(["60m team: first notification +b", "65m boss: escalation +b"]);
    expect(world.suppressedOf(a)).toContain("team: in the maintenance window reboot");
    expect(world.decide().suppressed.get(a)?.[0]).toMatchObject({ mute: "maintenance", until: START + 2 * HOUR });
    world.end(over);
    expect(world.wait(HOUR)).toEqual(["120m team: first notification +a", "125m boss: escalation +a"]);
  });

  it("nobody is reminded, and who was told before is told of the end", () => {
    const world = worldOf();
    world.policy = { ...world.policy, route: route({ repeatIntervalMs: 30 * MINUTE }) };
    world.now += 58 * MINUTE;
    const a = world.begin("a", { severity: "critical" });
    expect(world.wait(50 * MINUTE)).toEqual(["58m team: first notification +a"]);
    world.end(a);
    expect(world.settle()).toEqual(["108m team: all alerts resolved -a"]);
  });

  it("a route test says so", () => {
    const { policy, receivers, maintenance: planned } = worldOf();
    const test = (hours: number) =>
      routeTest(
        { policy, receivers, maintenance: planned },
        [],
        { target: "a", severity: "warning" },
        START + hours * HOUR,
      );
    expect(test(0.5).recipients).toHaveLength(1);
    expect(test(1)).toEqual({
      recipients: [],
      suppressed: [
        { receiver: "team", why: "in the maintenance window reboot", mute: "maintenance", until: START + 2 * HOUR },
      ],
    });
  });
});
