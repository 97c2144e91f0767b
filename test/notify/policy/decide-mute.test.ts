import { expect, it } from "vitest";
import { MINUTE, route } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const HOUR = 60 * MINUTE;
const CRITICAL = { severity: "critical" };

it("reminds of nothing that is silenced since, and tells of its end all the same", () => {
  const world = new DecideWorld();
  const a = world.begin("a", CRITICAL);
  world.settle();
  world.silence("a", 9 * HOUR);
  expect(world.wait(8 * HOUR)).toEqual([]);
  expect(world.suppressedOf(a)).toEqual(["team: silenced by s0"]);
  world.end(a);
  expect(world.settle()).toEqual(["480m team: all alerts resolved -a"]);
});

it("tells of what still fires when a silence or a window ends, and never of what is over by then", () => {
  const nights = { name: "nights", spans: [{ times: [{ from: 0, to: 360 }], location: "UTC" }] };
  const mutes: ((world: DecideWorld) => void)[] = [
    (world) => void ["a", "b"].map((target) => world.silence(target, 6 * HOUR)),
    (world) => {
      world.policy = { ...world.policy, route: route({ muteIntervals: ["nights"] }), intervals: [nights] };
    },
    (world) => {
      const { severities } = world.policy;
      const warning = { ...severities.warning, muteIntervals: ["nights"] };
      world.policy = { ...world.policy, severities: { ...severities, warning }, intervals: [nights] };
    },
  ];
  for (const mute of mutes) {
    const world = new DecideWorld();
    mute(world);
    world.begin("a");
    const b = world.begin("b");
    expect(world.wait(5 * HOUR)).toEqual([]);
    world.end(b);
    expect(world.wait(HOUR)).toEqual(["360m team: first notification +a"]);
  }
});

it("tells what another alert muted once that is over and its after-effects too, unless it is critical", () => {
  const [source, target] = ["Down", "Slow"].map((value) => [{ name: "alertname", op: "=", value } as const]);
  const inhibitions = [{ source: source ?? [], target: target ?? [], equal: ["target"] }];
  const played = (how: string): string[] => {
    const world = new DecideWorld({ route: route({ groupBy: ["..."] }), inhibitions });
    const down = world.begin("a", { ...CRITICAL, alertname: "Down" });
    const slow = world.begin("a", { severity: how, alertname: "Slow" });
    world.wait(MINUTE);
    expect(world.suppressedOf(slow)).toEqual(["team: inhibited by Down"]);
    world.end(down);
    return world.wait(HOUR);
  };
  expect(played("warning")).toEqual(["1m team: all alerts resolved -a", "6m team: first notification +a"]);
  expect(played("critical").sort()).toEqual(["1m team: all alerts resolved -a", "1m team: first notification +a"]);
});
