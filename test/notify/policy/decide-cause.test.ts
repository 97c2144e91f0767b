import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Send } from "../../../functions/notify/policy/stages/send.ts";
import { MINUTE, receiver, route, START, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const HOUR = 60 * MINUTE;

describe("three targets on one server", () => {
  it.each(["corrupt", "unreachable"])("that are down by %s are one message that names them, and one end", (cause) => {
    const world = new DecideWorld();
    const sends: Send[] = [];
    world.onSend = (send) => sends.push(send);
    const keys = ["a", "b", "c"].map((name) => world.down(name, cause, "one"));
    expect(world.wait(2_999)).toEqual([]);
    expect(world.suppressedOf(keys[0] ?? "")).toEqual(["team: it waits for other targets with the same cause"]);
    expect(world.wait(MINUTE)).toEqual(["3s team: first notification +a +b +c"]);
    expect(sends[0]).toMatchObject({
      groupKey: `cause:{cause="${cause}",front="one"}`,
      groupLabels: { cause },
      shared: { cause, by: "front" },
      targets: 3,
      opens: true,
    });
    for (const key of keys) world.end(key);
    expect(world.wait(HOUR)).toEqual(["62.999s team: all alerts resolved -a -b -c"]);
    expect(world.head.notificationLog.all.size).toBe(0);
  });

  it("with other alerts of theirs are one message still", () => {
    const world = new DecideWorld();
    for (const name of ["a", "b", "c"]) {
      world.down(name, "corrupt", "one");
      world.begin(name, { severity: "critical", alertname: "ZakoTransportIntegrityFailure" });
    }
    expect(world.wait(MINUTE)).toEqual(["3s team: first notification +a +a +b +b +c +c"]);
  });
});

it("has a page for each of two causes, and for what shares nothing", () => {
  const world = new DecideWorld();
  for (const name of ["a", "b", "c"]) world.down(name, "unreachable", "one");
  for (const name of ["d", "e", "f"]) world.down(name, "corrupt", "one");
  world.down("g", "unreachable", "two");
  world.down("h", "rpc_internal", "one");
  expect(world.wait(MINUTE).sort()).toEqual([
    "3s team: first notification +a +b +c",
    "3s team: first notification +d +e +f",
    "3s team: first notification +g",
    "3s team: first notification +h",
  ]);
});

it("tells two targets one by one, and lets a target that was told alone keep its message", () => {
  const world = new DecideWorld();
  const a = world.down("a", "unreachable", "one");
  expect(world.wait(10_000)).toEqual(["3s team: first notification +a"]);
  const b = world.down("b", "unreachable", "one");
  const c = world.down("c", "unreachable", "one");
  expect(world.wait(10_000)).toEqual(["13s team: first notification +b +c"]);
  world.end(a);
  expect(world.settle()).toEqual(["20s team: all alerts resolved -a"]);
  for (const key of [b, c]) world.end(key);
  expect(world.settle()).toEqual(["20s team: all alerts resolved -b -c"]);
});

it("lets later ones join, with at most one update a group_interval, the first after 30 s", () => {
  const world = new DecideWorld();
  const keys = ["a", "b", "c"].map((name) => world.down(name, "unreachable", "one"));
  world.wait(4_000);
  keys.push(world.down("d", "unreachable", "one"));
  expect(world.wait(10_000)).toEqual([]);
  keys.push(world.down("e", "unreachable", "one"));
  expect(world.wait(MINUTE)).toEqual(["33s team: new alerts added +d +e =a =b =c"]);
  keys.push(world.down("f", "unreachable", "one"));
  world.end(keys[0] ?? "");
  expect(world.wait(10 * MINUTE)).toEqual(["333s team: new alerts added +f =b =c =d =e -a"]);
  world.end(keys[1] ?? "");
  expect(world.wait(10 * MINUTE)).toEqual(["712s team: some alerts resolved =c =d =e =f -b"]);
  for (const key of keys) world.end(key);
  expect(world.wait(HOUR)).toEqual(["1274s team: all alerts resolved -c -d -e -f"]);
});

it("waits with the end of one while the others are about to end, and no longer", () => {
  const begun = () => {
    const world = new DecideWorld();
    const [a = "", b = "", c = ""] = ["a", "b", "c"].map((name) => world.down(name, "unreachable", "one"));
    world.wait(MINUTE);
    for (const key of [b, c]) world.ran(key, false);
    world.end(a);
    expect(world.wait(20_000)).toEqual([]);
    return { world, b, c };
  };
  const together = begun();
  for (const key of [together.b, together.c]) together.world.end(key);
  expect(together.world.settle()).toEqual(["80s team: all alerts resolved -a -b -c"]);

  const relapse = begun();
  relapse.world.ran(relapse.c, true);
  expect(relapse.world.wait(MINUTE)).toEqual(["98s team: some alerts resolved =b =c -a"]);

  // What else failed meanwhile is part of it.
  const more = begun();
  const labels = { severity: "critical", probe: "p" };
  const part = more.world.begin("b", labels, { outage: { cause: "unreachable", front: "one" } });
  more.world.ran(part, false);
  expect(more.world.wait(5_000)).toEqual([]);
  for (const key of [more.b, more.c, part]) more.world.end(key);
  expect(more.world.settle()).toEqual(["85s team: all alerts resolved -a -b -c"]);

  // Two rechecks without a run say nothing of an end any more.
  expect(begun().world.wait(MINUTE)).toEqual(["98s team: some alerts resolved =b =c -a"]);
});

it("makes no second message of what else fails in an outage that was notified", () => {
  const world = new DecideWorld();
  const down = world.down("a", "unreachable", "one");
  world.wait(MINUTE);
  const more = world.begin("a", { severity: "critical", probe: "p" }, { outage: { cause: "corrupt", front: "one" } });
  expect(world.wait(30 * MINUTE)).toEqual([]);
  for (const key of [down, more]) world.end(key);
  expect(world.settle()).toHaveLength(1);
});

it("pages for a target that goes down, whatever critical alert of it was notified before", () => {
  const world = new DecideWorld();
  const outage = { cause: "unreachable", front: "one" };
  world.begin("a", { severity: "critical", alertname: "ZakoErrorBudgetBurnFast" }, { outage });
  world.begin("a", { severity: "critical", alertname: "OwnRatio", probe: "p" }, { outage });
  world.wait(MINUTE);
  world.down("a", "unreachable", "one");
  expect(world.wait(MINUTE)).toHaveLength(1);
});

it("covers nothing with a page that never arrived: what fails besides is tried at once", () => {
  const world = new DecideWorld();
  world.fates.set("team", "refused");
  const down = world.down("a", "unreachable", "one");
  world.wait(5 * MINUTE);
  const entry = [...world.head.notificationLog.all.values()].find(({ alertKey }) => alertKey === down);
  expect(entry?.confirmed).toBe(false);
  const sent = world.sent.length;
  world.fates.set("team", "arrives");
  world.begin("a", { severity: "critical", probe: "p" }, { outage: { cause: "corrupt", front: "one" } });
  world.wait(2_000);
  expect(world.sent.length).toBe(sent + 1);
});

it("takes for one cause only targets that are down: others with the same reason neither form a group nor delay a page", () => {
  const world = new DecideWorld();
  const outage = { cause: "unreachable", front: "one" };
  for (const name of ["a", "b", "c"]) world.begin(name, { severity: "critical", alertname: "OwnRatio" }, { outage });
  expect(world.wait(MINUTE)).toHaveLength(3);
  world.down("d", "unreachable", "one");
  expect(world.wait(5_000)).toEqual(["63s team: first notification +d"]);
});

it("tells people who have acknowledged an outage what else fails in it", () => {
  const world = new DecideWorld();
  const down = world.down("a", "unreachable", "one");
  world.wait(MINUTE);
  world.acknowledge(down);
  world.wait(MINUTE);
  world.begin("a", { severity: "critical", probe: "p" }, { outage: { cause: "corrupt", front: "one" } });
  expect(world.wait(MINUTE)).toHaveLength(1);
});

it("tells ends that follow each other within half a minute as one, however long ago the last update was", () => {
  const world = new DecideWorld();
  const keys = ["a", "b", "c"].map((name) => world.down(name, "unreachable", "one"));
  world.wait(20 * MINUTE);
  world.end(keys[0] ?? "");
  expect(world.wait(30_000)).toEqual([]);
  world.end(keys[1] ?? "");
  world.end(keys[2] ?? "");
  expect(world.settle()).toEqual(["1230s team: all alerts resolved -a -b -c"]);
});

it("does not let a target join what is over, nor wait for it", () => {
  const world = new DecideWorld();
  const keys = ["a", "b", "c"].map((name) => world.down(name, "unreachable", "one"));
  world.wait(4_000);
  world.fates.set("team", "stuck");
  for (const key of keys) world.end(key);
  world.settle();
  world.down("d", "unreachable", "one");
  expect(world.wait(10_000)).toEqual(["7s team: first notification +d"]);
});

it("takes what all targets of a receiver share, and a region, for a thing in common", () => {
  const all = new DecideWorld();
  all.targets = ["a", "b", "c"].map((name) => ({ name, labels: {} }));
  for (const name of ["a", "b", "c"]) all.down(name, "unreachable", `front of ${name}`);
  expect(all.wait(MINUTE)).toEqual(["3s team: first notification +a +b +c"]);
  const some = new DecideWorld();
  some.targets = ["a", "b", "c", "d"].map((name) => ({ name, labels: {} }));
  for (const name of ["a", "b", "c"]) some.down(name, "unreachable", `front of ${name}`);
  expect(some.wait(MINUTE)).toHaveLength(3);
  const region = new DecideWorld();
  for (const name of ["a", "b", "c"])
    region.begin(
      name,
      { severity: "critical" },
      { outage: { cause: "timeout", front: name, region: "weur", down: true } },
    );
  expect(region.wait(MINUTE)).toEqual(["3s team: first notification +a +b +c"]);
});

it("does not let two outages at a time of one group be one: the second opens anew", () => {
  const world = new DecideWorld();
  const openings = (): number[] =>
    [...world.head.notificationGroups.all.values()].map(({ openedAt }) => openedAt - START);
  const a = world.down("a", "unreachable", "one");
  world.wait(MINUTE);
  world.end(a);
  world.settle();
  world.wait(MINUTE);
  world.down("a", "unreachable", "one");
  world.wait(MINUTE);
  expect(openings()).toEqual([123_000]);
});

it("wakes those of an escalation step once for one cause", () => {
  const escalation = [{ afterMs: 7 * MINUTE, receiver: "boss", unless: [] }];
  const world = new DecideWorld(
    { severities: { critical: severity({ escalation }), warning: severity(), info: severity() } },
    [receiver("team"), receiver("boss")],
  );
  for (const name of ["a", "b", "c", "d"]) world.down(name, "unreachable", "one");
  expect(world.wait(10 * MINUTE)).toEqual([
    "3s team: first notification +a +b +c +d",
    "423s boss: escalation +a +b +c +d",
  ]);
});

it("leaves to themselves alerts of a route that wants each alone, and drills", () => {
  const world = new DecideWorld({ route: route({ groupBy: ["..."] }) });
  for (const name of ["a", "b", "c"]) world.down(name, "unreachable", "one");
  expect(world.wait(MINUTE)).toHaveLength(3);
  const drills = new DecideWorld();
  for (const name of ["a", "b", "c"]) drills.down(name, "unreachable", "one", { drill: name });
  expect(drills.wait(MINUTE)).toHaveLength(3);
});

it("tells of 1,000 targets that go down within 2 s in at most three messages, and counts every one of them", () => {
  const receivers = [receiver("team"), receiver("also")];
  const routes = receivers.map(({ name }) => route({ key: `{}/${name}`, receiver: name, continue: true }));
  const world = new DecideWorld({ route: route({ routes }) }, receivers);
  const counted = new Map<string, Set<string>>(receivers.map(({ name }) => [name, new Set<string>()]));
  world.onSend = ({ to, fresh }) => void fresh.map((key) => counted.get(to.receiver)?.add(key));
  const keys: string[] = [];
  for (let i = 0; i < 1_000; i++) {
    if (i % 100 === 0) world.now = START + i * 2;
    keys.push(world.down(`t${i}`, i % 3 === 0 ? "corrupt" : "unreachable", "one"));
  }
  world.wait(10 * MINUTE);
  for (const { name } of receivers) {
    expect(world.sent.filter((words) => words.includes(` ${name}: `)).length).toBeLessThanOrEqual(3);
    expect(counted.get(name)?.size).toBe(1_000);
  }
  const before = world.sent.length;
  for (const key of keys) world.end(key);
  world.settle();
  expect(world.sent.length - before).toBeLessThanOrEqual(2 * 2 * 20);
  expect(world.head.notificationLog.all.size).toBe(0);
});

it("drops nobody's page: each critical alert is in a message that each of its receivers got", () => {
  const begin = fc.record({
    do: fc.constant("begin" as const),
    target: fc.nat(11),
    cause: fc.constantFrom("unreachable", "corrupt"),
    front: fc.constantFrom("one", "two", "three"),
  });
  const step = fc.oneof(
    { weight: 6, arbitrary: begin },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("end" as const), target: fc.nat(11) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(500, 2_000, 31_000) }) },
  );
  let gathered = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), fc.boolean(), (steps, knowsAll) => {
      const world = new DecideWorld({}, [receiver("team", "fake", "fake")]);
      if (knowsAll) world.targets = Array.from({ length: 12 }, (_, i) => ({ name: `t${i}`, labels: {} }));
      const firing = new Map<number, string>();
      world.onSend = ({ shared }) => {
        if (shared !== undefined) gathered++;
      };
      for (const one of steps) {
        if (one.do === "wait") world.wait(one.ms);
        else if (one.do === "end") {
          world.end(firing.get(one.target) ?? "");
          firing.delete(one.target);
          world.wait(1);
        } else if (!firing.has(one.target)) firing.set(one.target, world.down(`t${one.target}`, one.cause, one.front));
      }
      // The longest that anybody who joins waits.
      world.wait(5 * MINUTE);
      const notified = Map.groupBy(world.head.notificationLog.all.values(), ({ alertKey }) => alertKey);
      for (const key of firing.values())
        expect(notified.get(key)?.filter(({ confirmed }) => confirmed)).toHaveLength(2);
      for (const key of firing.values()) world.end(key);
      world.wait(5 * MINUTE);
      expect(world.head.notificationLog.all.size).toBe(0);
    }),
    { numRuns: 150 },
  );
  expect(gathered).toBeGreaterThan(50);
});
