import { expect, it } from "vitest";
import { MINUTE, receiver, route } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

it("tells a relay all that fires every time it forgets, and for a while what is over", () => {
  const world = new DecideWorld({ route: route({ groupBy: [] }) }, [receiver("team", "relay")]);
  world.refresh = { everyMs: MINUTE, resolvedForMs: 3 * MINUTE };
  const a = world.begin("a");
  world.begin("b", { severity: "info" });
  expect(world.wait(MINUTE)).toEqual(["0m team: first notification +a +b", "1m team: repeat interval elapsed =a =b"]);
  world.end(a);
  expect(world.wait(4 * MINUTE)).toEqual([
    "1m team: some alerts resolved =b -a",
    "2m team: repeat interval elapsed =b -a",
    "3m team: repeat interval elapsed =b -a",
    "4m team: repeat interval elapsed =b",
    "5m team: repeat interval elapsed =b",
  ]);
});

it("tells a relay no more of an old end once the same labels fire again", () => {
  const world = new DecideWorld({}, [receiver("team", "relay")]);
  world.refresh = { everyMs: MINUTE, resolvedForMs: 15 * MINUTE };
  const a = world.begin("a");
  world.settle();
  world.end(a);
  expect(world.wait(MINUTE)).toEqual(["0m team: all alerts resolved -a", "1m team: all alerts resolved -a"]);
  world.begin("a");
  expect(world.wait(MINUTE)).toEqual(["1m team: first notification +a", "2m team: repeat interval elapsed =a"]);
});

it("says nothing to a relay of what never got through and is muted by now", () => {
  const world = new DecideWorld({}, [receiver("team", "relay")]);
  world.refresh = { everyMs: MINUTE, resolvedForMs: 15 * MINUTE };
  world.fates.set("team", "refused");
  world.begin("a");
  expect(world.settle()).toEqual(["0m team: first notification +a"]);
  world.fates.clear();
  world.silence("a", 5 * MINUTE);
  expect(world.wait(5 * MINUTE)).toEqual(["5m team: repeat interval elapsed =a"]);
});
