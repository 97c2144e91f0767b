import { expect, it } from "vitest";
import { MAX_NEW_GROUPS } from "../../../functions/notify/policy/stages/fold.ts";
import type { Send } from "../../../functions/notify/policy/stages/send.ts";
import { MINUTE, route } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const CRITICAL = { severity: "critical" };

/** Everybody's messages: how many alerts each one tells of as new, by its group. */
function watched(world = new DecideWorld()) {
  const sends: Send[] = [];
  world.onSend = (send) => sends.push(send);
  const count = () => sends.splice(0).map(({ groupKey, fresh }) => [groupKey, fresh.length] as const);
  return { world, count, sends };
}

const many = (world: DecideWorld, count: number, prefix: string, labels = {}): string[] =>
  Array.from({ length: count }, (_, i) => world.begin(`${prefix}${i}`, labels));

it("tells of so many new groups one by one, and of the rest as one", () => {
  const { world, count } = watched();
  const keys = many(world, MAX_NEW_GROUPS + 10, "t", CRITICAL);
  world.settle();
  const sent = count();
  expect(sent).toHaveLength(MAX_NEW_GROUPS + 1);
  expect(sent.slice(0, -1).every(([, fresh]) => fresh === 1)).toBe(true);
  expect(sent.at(-1)).toEqual(["{}:{}", 10]);
  for (const key of keys) world.end(key);
  world.settle();
  expect(world.head.notificationLog.all.size).toBe(0);
});

it("tells of just as many as there is room for one by one", () => {
  const { world, count } = watched();
  many(world, MAX_NEW_GROUPS, "t", CRITICAL);
  world.settle();
  expect(count().every(([, fresh]) => fresh === 1)).toBe(true);
});

it("puts critical groups before the others", () => {
  const { world, count } = watched();
  many(world, MAX_NEW_GROUPS + 5, "w");
  world.wait(29_999);
  world.now += 1;
  many(world, 3, "c", CRITICAL);
  world.settle();
  const sent = count();
  expect(sent.filter(([group]) => group.includes('target="c'))).toHaveLength(3);
  expect(sent.find(([group]) => group.startsWith("{}:{}"))).toEqual(["{}:{}:warning", 8]);
  expect(sent).toHaveLength(MAX_NEW_GROUPS + 1);
});

it.each([0, 15, 40])("takes an alert without the labels of its group for one of the rest, number %d of 40", (index) => {
  const { world, sends } = watched();
  many(world, index, "t", CRITICAL);
  world.begin("", { ...CRITICAL, shard: "0" });
  many(world, 40 - index, "u", CRITICAL);
  world.settle();
  const notificationLog = sends.flatMap(({ fresh }) => fresh);
  expect(notificationLog).toHaveLength(41);
  expect(new Set(notificationLog).size).toBe(41);
  expect(new Set(sends.map(({ groupKey }) => groupKey)).size).toBe(sends.length);
});

it("does not call what it tells of held, where it was on the point of waiting", () => {
  const { world } = watched();
  many(world, MAX_NEW_GROUPS + 5, "t");
  world.wait(29_999);
  const waits = world.begin("", { shard: "0" });
  world.now += 1;
  const { sends, suppressed } = world.decide();
  expect(sends.find(({ groupKey }) => groupKey === "{}:{}:warning")?.fresh).toContain(waits);
  expect(suppressed.size).toBe(0);
});

it("counts messages that are on their way as groups that are told", () => {
  const { world, count } = watched();
  world.fates.set("team", "stuck");
  many(world, MAX_NEW_GROUPS - 2, "a", CRITICAL);
  world.settle();
  count();
  const keys = many(world, 5, "b", CRITICAL);
  world.settle();
  expect(count().map(([, fresh]) => fresh)).toEqual([1, 1, 3]);
  const late = many(world, 2, "c", CRITICAL);
  world.settle();
  expect(count()).toEqual([]);
  expect(late.map((key) => world.suppressedOf(key))).toEqual(
    late.map(() => ["team: an earlier message of its group is still being delivered"]),
  );
  world.fates.clear();
  world.settle();
  expect(count().map(([, fresh]) => fresh)).toEqual([1, 1]);
  for (const key of [...keys, ...late]) world.end(key);
  world.wait(MINUTE);
  expect([...world.head.notificationLog.all.values()].some(({ alertKey }) => keys.includes(alertKey))).toBe(false);
});

it("keeps the rest of each route to itself", () => {
  const routes = ["x", "y"].map((job) =>
    route({ key: `{}/{job="${job}"}`, matchers: [{ name: "job", op: "=", value: job }] }),
  );
  const { world, count } = watched(new DecideWorld({ route: route({ routes }) }));
  many(world, MAX_NEW_GROUPS, "x", { ...CRITICAL, job: "x" });
  many(world, 3, "x2", { ...CRITICAL, job: "x" });
  many(world, 4, "y", { ...CRITICAL, job: "y" });
  world.settle();
  expect(count().slice(-2)).toEqual([
    ['{}/{job="x"}:{}', 3],
    ['{}/{job="y"}:{}', 4],
  ]);
});
