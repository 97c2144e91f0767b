import { describe, expect, it } from "vitest";
import type { EscalationStep, NotifyPolicy } from "../../../functions/model/alerting/route.ts";
import { routeTest } from "../../../functions/notify/policy/route-test.ts";
import { MINUTE, receiver, route, START, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const HOUR = 60 * MINUTE;
const CRITICAL = { severity: "critical" };
const HOLE = { name: "blackhole", endpoints: [] };
const RECEIVERS = [receiver("team"), receiver("boss"), HOLE];

const step = (name: string, after = 7): EscalationStep => ({
  afterMs: after * MINUTE,
  receiver: name,
  unless: ["acknowledged", "silenced"],
});

function worldOf(over: Partial<NotifyPolicy>, ...escalation: EscalationStep[]): DecideWorld {
  const severities = { critical: severity({ escalation }), warning: severity(), info: severity() };
  return new DecideWorld({ severities, ...over }, RECEIVERS);
}

/** What the target `a` is about goes into the hole, and to the team too where that is said. */
const holed = (isContinued = false) =>
  route({
    routes: [
      route({
        key: '{}/{target="a"}',
        matchers: [{ name: "target", op: "=", value: "a" }],
        receiver: "blackhole",
        continue: isContinued,
      }),
      ...(isContinued ? [route({ key: "{}/{}" })] : []),
    ],
  });

describe("a receiver without a channel", () => {
  it("notifies nobody: no failover, no escalation, no end", () => {
    const world = worldOf({ route: holed() }, step("boss"));
    const a = world.begin("a", CRITICAL);
    const b = world.begin("b", CRITICAL);
    expect(world.wait(HOUR)).toEqual(["0m team: first notification +b", "7m boss: escalation +b"]);
    expect(world.suppressedOf(a)).toEqual([
      "blackhole: the receiver has no channel",
      "boss: escalation starts after the first notification",
    ]);
    world.end(a);
    world.end(b);
    expect(world.settle()).toEqual(["60m team: all alerts resolved -b", "60m boss: all alerts resolved -b"]);
  });

  it("takes nothing from the others on the same alert", () => {
    const world = worldOf({ route: holed(true) });
    const a = world.begin("a", CRITICAL);
    expect(world.settle()).toEqual(["0m team: first notification +a"]);
    expect(world.suppressedOf(a)).toEqual(["blackhole: the receiver has no channel"]);
  });

  it("stands in for nobody: failover goes past it", () => {
    const world = worldOf({}, step("blackhole"), step("boss", 8));
    world.fates.set("team", "refused");
    world.begin("a", CRITICAL);
    expect(world.settle()).toEqual(["0m team: first notification +a", "0m boss: escalation +a"]);
  });

  it("wakes nobody up: nothing is to be decided until something happens", () => {
    const world = worldOf({ route: holed() });
    world.begin("a", CRITICAL);
    expect(world.decide().nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it("is shown by a route test as one that is not notified", () => {
    const { policy } = worldOf({ route: holed() });
    const labels = { alertname: "ZakoTargetDown", severity: "critical", target: "a" };
    expect(routeTest({ policy, receivers: RECEIVERS }, [], labels, START)).toEqual({
      recipients: [],
      suppressed: [{ receiver: "blackhole", why: "the receiver has no channel", mute: "receiver" }],
    });
  });
});
