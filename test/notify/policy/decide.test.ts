import { expect, it } from "vitest";
import { MINUTE, receiver, route, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const HOUR = 60 * MINUTE;
const CRITICAL = { severity: "critical" };
/** All alerts in one group. */
const together = () => new DecideWorld({ route: route({ groupBy: [] }) });

it("waits with a new group for its first alert's group_wait, and not at all with what is critical", () => {
  const world = together();
  world.begin("a");
  expect(world.wait(10_000)).toEqual([]);
  world.begin("b");
  expect(world.wait(MINUTE)).toEqual(["30s team: first notification +a +b"]);
  const urgent = together();
  urgent.begin("a");
  urgent.wait(10_000);
  urgent.begin("b", CRITICAL);
  // What is not critical is a group of its own.
  expect(urgent.wait(MINUTE)).toEqual(["10s team: first notification +b", "30s team: first notification +a"]);
});

it("tells of a new alert in a known group a group_interval after its last message, of a critical one at once", () => {
  const world = together();
  world.begin("a");
  world.wait(MINUTE);
  world.begin("b");
  expect(world.wait(10 * MINUTE)).toEqual(["330s team: new alerts added +b =a"]);
  world.begin("c");
  expect(world.settle()).toEqual(["11m team: new alerts added +c =a =b"]);
  world.begin("d", CRITICAL);
  expect(world.settle()).toEqual(["11m team: first notification +d"]);
  world.begin("e", CRITICAL);
  expect(world.settle()).toEqual(["11m team: new alerts added +e =d"]);
});

it("keeps groups apart, and messages to each of a receiver's endpoints", () => {
  const world = new DecideWorld({}, [receiver("team", "fake", "fake")]);
  world.begin("a", { ...CRITICAL, probe: "x" });
  world.begin("a", { ...CRITICAL, probe: "y" });
  world.begin("b", CRITICAL);
  expect(world.settle().sort()).toEqual([
    "0m team: first notification +a +a",
    "0m team: first notification +a +a",
    "0m team: first notification +b",
    "0m team: first notification +b",
  ]);
});

it("reminds after the repeat interval of the severity, counted from the group's last message", () => {
  const world = together();
  world.begin("a");
  world.wait(2 * HOUR);
  world.begin("b");
  expect(world.wait(9 * HOUR)).toEqual([
    "120m team: new alerts added +b =a",
    "360m team: repeat interval elapsed =a =b",
    "600m team: repeat interval elapsed =a =b",
  ]);
});

it("reminds as often as the most frequent of its alerts, or as the route says", () => {
  const severities = {
    critical: severity(),
    warning: severity({ repeatIntervalMs: HOUR }),
    info: severity({ repeatIntervalMs: 3 * HOUR }),
  };
  for (const [repeatIntervalMs, expected] of [
    [undefined, "3630s team: repeat interval elapsed =a =b"],
    [2 * HOUR, "7230s team: repeat interval elapsed =a =b"],
  ] as const) {
    const over = repeatIntervalMs === undefined ? {} : { repeatIntervalMs };
    const world = new DecideWorld({ route: route({ groupBy: [], ...over }), severities });
    world.begin("a");
    world.begin("b", { severity: "info" });
    expect(world.wait(130 * MINUTE)[1]).toBe(expected);
  }
});

it("takes the intervals of the route by which it reaches a receiver, where an alert takes several", () => {
  const routes = [
    route({ key: "0", receiver: "team", continue: true, repeatIntervalMs: HOUR }),
    route({ key: "1", receiver: "ops", repeatIntervalMs: 2 * HOUR }),
  ];
  const world = new DecideWorld({ route: route({ routes }) }, [receiver("team"), receiver("ops")]);
  world.begin("a");
  expect(world.wait(150 * MINUTE)).toEqual([
    "30s team: first notification +a",
    "30s ops: first notification +a",
    "3630s team: repeat interval elapsed =a",
    "7230s team: repeat interval elapsed =a",
    "7230s ops: repeat interval elapsed =a",
  ]);
});

it("tells of the end once, after the group_interval or at once where it was critical", () => {
  const world = together();
  const [a, b] = [world.begin("a"), world.begin("b")];
  world.wait(MINUTE);
  world.end(a);
  expect(world.wait(9 * MINUTE)).toEqual(["330s team: some alerts resolved =b -a"]);
  world.end(b);
  expect(world.wait(3 * HOUR)).toEqual(["630s team: all alerts resolved -b"]);
  const c = world.begin("c", CRITICAL);
  world.settle();
  world.end(c);
  expect(world.wait(9 * HOUR)).toEqual(["190m team: all alerts resolved -c"]);
  expect(world.head.notificationLog.all.size).toBe(0);
});

it("takes a group in which all was over for a new one", () => {
  const world = together();
  const a = world.begin("a", CRITICAL);
  world.settle();
  world.end(a);
  world.settle();
  world.begin("b");
  expect(world.wait(HOUR)).toEqual(["30s team: first notification +b"]);
});

it("tells the end of all that several messages have named in one, each by name", () => {
  const world = together();
  const named: number[] = [];
  const begin = (prefix: string): string[] =>
    Array.from({ length: 30 }, (_, i) => world.begin(`${prefix}${i}`, CRITICAL));
  const keys = begin("a");
  world.settle();
  keys.push(...begin("b"));
  world.settle();
  for (const key of keys) world.end(key);
  world.onSend = (send) => named.push(send.ended.length, send.named.length);
  expect(world.settle().map((words) => words.split(" -")[0])).toEqual(["0m team: all alerts resolved"]);
  expect(named).toEqual([60, 60]);
  expect(world.head.notificationLog.all.size).toBe(0);
});

it("says nothing of what is over before anybody was told", () => {
  const world = together();
  const a = world.begin("a");
  world.wait(29_999);
  world.end(a);
  expect(world.wait(9 * HOUR)).toEqual([]);
});

it("names the reason that says most, and tells the rest on its occasion", () => {
  const world = together();
  const a = world.begin("a", CRITICAL);
  world.wait(MINUTE);
  world.end(a);
  world.begin("b", CRITICAL);
  expect(world.settle()).toEqual(["1m team: new alerts added +b -a"]);
});

it("ends without a word where the endpoint wants no ends", () => {
  const clearedSilently = receiver("team");
  const world = new DecideWorld({}, [
    { ...clearedSilently, endpoints: clearedSilently.endpoints.map((e) => ({ ...e, sendResolved: false })) },
  ]);
  const a = world.begin("a", CRITICAL);
  world.settle();
  world.end(a);
  expect(world.wait(9 * HOUR)).toEqual([]);
  expect(world.head.notificationLog.all.size).toBe(0);
});

it("follows the configuration in whether ends are wanted, for what was told before it changed", () => {
  const clearedSilently = receiver("team");
  const world = new DecideWorld({}, [
    { ...clearedSilently, endpoints: clearedSilently.endpoints.map((e) => ({ ...e, sendResolved: false })) },
  ]);
  const a = world.begin("a", CRITICAL);
  world.settle();
  world.receivers = [receiver("team")];
  world.end(a);
  expect(world.settle()).toEqual(["0m team: all alerts resolved -a"]);
});

it("tells the end to a receiver that is no longer configured", () => {
  const world = new DecideWorld();
  const a = world.begin("a", CRITICAL);
  world.settle();
  world.policy = { ...world.policy, route: route({ receiver: "other" }) };
  world.receivers = [receiver("other")];
  expect(world.settle()).toEqual(["0m other: first notification +a"]);
  world.end(a);
  expect(world.settle().sort()).toEqual(["0m other: all alerts resolved -a", "0m team: all alerts resolved -a"]);
});

it("tells who was told that somebody is at work, and then only the end; what fires again is news", () => {
  const world = new DecideWorld();
  const a = world.begin("a", CRITICAL);
  world.wait(MINUTE);
  world.acknowledge(a);
  expect(world.wait(9 * HOUR)).toEqual(["1m team: acknowledged =a"]);
  world.end(a);
  expect(world.settle()).toEqual(["541m team: all alerts resolved -a"]);
  world.wait(MINUTE);
  const again = world.begin("a", CRITICAL);
  expect(again).not.toBe(a);
  expect(world.wait(5 * HOUR)).toEqual(["542m team: first notification +a", "782m team: repeat interval elapsed =a"]);
});

it("goes on to remind of those in a group that nobody has taken on", () => {
  const world = together();
  const a = world.begin("a", CRITICAL);
  world.begin("b", CRITICAL);
  world.settle();
  world.acknowledge(a);
  expect(world.wait(5 * HOUR)).toEqual(["0m team: acknowledged =a =b", "240m team: repeat interval elapsed =a =b"]);
});

it("waits for a message that is on its way, and then tells what has come meanwhile", () => {
  const world = together();
  world.fates.set("team", "stuck");
  const a = world.begin("a", CRITICAL);
  world.settle();
  const b = world.begin("b", CRITICAL);
  world.end(a);
  expect(world.wait(9 * HOUR)).toEqual([]);
  expect(world.suppressedOf(b)).toEqual(["team: an earlier message of its group is still being delivered"]);
  world.fates.clear();
  expect(world.settle()).toEqual(["540m team: new alerts added +b -a"]);
});

it("owes the end of what may have arrived, and tells it in place of the page that nobody knows of", () => {
  const world = new DecideWorld();
  world.fates.set("team", "uncertain");
  const a = world.begin("a", CRITICAL);
  expect(world.wait(MINUTE)).toEqual(["0m team: first notification +a"]);
  expect(world.head.outbox.all.size).toBe(1);
  world.end(a);
  expect(world.settle()).toEqual(["1m team: all alerts resolved -a"]);
  expect([...world.head.outbox.all.values()].map(({ firing, ended }) => [firing, ended])).toEqual([[[], [a]]]);
  world.fates.clear();
  expect(world.wait(HOUR)).toEqual([]);
  expect([world.head.notificationLog.all.size, world.head.outbox.all.size]).toEqual([0, 0]);
});

it("replaces a message that nobody knows of once a part of it is over and the next is due", () => {
  const world = together();
  world.fates.set("team", "uncertain");
  const a = world.begin("a");
  world.begin("b");
  expect(world.wait(MINUTE)).toEqual(["30s team: first notification +a +b"]);
  world.end(a);
  // Within a minute of the first one, as for all that is urgent; until then that is still tried.
  expect(world.settle()).toEqual([]);
  expect(world.head.outbox.all.size).toBe(1);
  expect(world.wait(MINUTE)).toEqual(["75s team: first notification =b -a"]);
  expect(world.head.outbox.all.size).toBe(1);
  expect(world.wait(HOUR)).toEqual([]);
});

it("does not go on trying to tell of what is muted by now, and tells the end where it may have arrived", () => {
  for (const fate of ["uncertain", "stuck"] as const) {
    const world = new DecideWorld();
    world.fates.set("team", fate);
    const a = world.begin("a", CRITICAL);
    world.settle();
    world.silence("a", 10 * MINUTE);
    expect(world.wait(10 * MINUTE - 1)).toEqual([]);
    expect(world.head.outbox.all.size).toBe(0);
    world.fates.clear();
    // Nobody knows whether it has heard, so it hears now.
    expect(world.wait(1)).toEqual([`10m team: first notification ${fate === "uncertain" ? "=" : "+"}a`]);
    world.fates.set("team", fate);
    const b = world.begin("b", CRITICAL);
    world.settle();
    world.silence("b", 2 * HOUR);
    world.settle();
    world.end(b);
    world.fates.clear();
    expect(world.wait(HOUR)).toEqual(fate === "uncertain" ? ["10m team: all alerts resolved -b"] : []);
    world.end(a);
    world.settle();
    expect([world.head.notificationLog.all.size, world.head.outbox.all.size]).toEqual([0, 0]);
  }
});

/** Two receivers that are told of all. */
const two = () => {
  const routes = ["team", "also"].map((name) => route({ key: `{}/${name}`, receiver: name, continue: true }));
  return new DecideWorld({ route: route({ routes }) }, [receiver("team"), receiver("also")]);
};

it("tries what was given up again within a minute where it is critical or has no other receiver", () => {
  const times = (world: DecideWorld, labels: Readonly<Record<string, string>>): (string | undefined)[] => {
    world.fates.set("team", "refused");
    world.begin("a", labels);
    const mine = world.wait(16 * MINUTE).filter((one) => one.includes("team"));
    return mine.slice(0, 3).map((one) => one.split(" ")[0]);
  };
  expect(times(two(), CRITICAL)).toEqual(["0m", "45s", "90s"]);
  expect(times(new DecideWorld(), {})).toEqual(["30s", "75s", "2m"]);
  expect(times(two(), {})).toEqual(["30s", "930s"]);
});

it("owes no end where nothing got through, and tries one that was given up again, soon while it is news", () => {
  const world = new DecideWorld();
  world.fates.set("team", "refused");
  const a = world.begin("a", CRITICAL);
  world.settle();
  world.end(a);
  expect(world.wait(9 * HOUR)).toEqual([]);
  const b = world.begin("b", CRITICAL);
  world.fates.clear();
  world.settle();
  world.fates.set("team", "refused");
  world.end(b);
  expect(world.settle()).toEqual(["540m team: all alerts resolved -b"]);
  expect(world.wait(15 * MINUTE)).toHaveLength(20);
  expect(world.wait(30 * MINUTE)).toEqual(["570m team: all alerts resolved -b", "585m team: all alerts resolved -b"]);
  // One dead letter stands for all of them.
  expect([...world.head.dead.all.values()].map(({ status, tries }) => [status, tries])).toEqual([
    ["firing", 1],
    ["resolved", 23],
  ]);
  world.fates.clear();
  expect(world.wait(20 * MINUTE)).toEqual(["600m team: all alerts resolved -b"]);
  expect(world.head.notificationLog.all.size).toBe(0);
});

it("names of two reasons that hold the one that says more, though the other held first", () => {
  const world = together();
  const a = world.begin("a");
  world.wait(6 * MINUTE);
  world.end(a);
  world.begin("b");
  expect(world.settle()).toEqual(["6m team: new alerts added +b -a"]);
});

it("does not go on to try to reach somebody about what somebody else has taken on", () => {
  const world = new DecideWorld();
  world.fates.set("team", "refused");
  const a = world.begin("a", CRITICAL);
  world.settle();
  world.acknowledge(a);
  expect(world.wait(9 * HOUR)).toEqual([]);
});
