import * as fc from "fast-check";
import { expect, it } from "vitest";
import { MINUTE, receiver, START, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const CRITICAL = { severity: "critical" };

/** Nothing is notified again by itself: what is notified is news. */
const worldOf = (): DecideWorld => {
  const critical = severity({ repeatIntervalMs: 48 * 60 * MINUTE });
  return new DecideWorld({ severities: { critical, warning: severity(), info: severity() } }, [receiver("team")]);
};

it("a new page does not wait for the retry of the old end before it", () => {
  const world = worldOf();
  const old = world.begin("a", CRITICAL);
  world.settle();
  world.fates.set("team", "down");
  world.end(old);
  // By now the end is tried every few minutes only.
  world.wait(60 * MINUTE);
  world.begin("a", CRITICAL);
  world.wait(6 * MINUTE);
  const backAt = world.now;
  world.fates.set("team", "arrives");
  world.wait(MINUTE);
  expect(world.sent.at(-1)).toMatch(/first notification \+a$/);
  expect(world.now - backAt).toBe(MINUTE);
});

interface Change {
  target: number;
  afterMinutes: number;
}

it("whatever waits before it, a critical alert is notified within a minute after its receiver is back", () => {
  const change: fc.Arbitrary<Change> = fc.record({
    target: fc.nat(2),
    afterMinutes: fc.oneof(fc.nat(3), fc.nat(90)),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(8), fc.nat(30), (changes, downAt, lastMs) => {
      const world = worldOf();
      const firing = new Map<number, string>();
      const notified = new Set<string>();
      world.onArrival = (row) => {
        for (const key of row.firing) notified.add(key);
      };
      for (const [i, { target, afterMinutes }] of changes.entries()) {
        if (i === downAt % changes.length) world.fates.set("team", "down");
        const known = firing.get(target);
        if (known === undefined) firing.set(target, world.begin(`t${target}`, CRITICAL));
        else {
          world.end(known);
          firing.delete(target);
        }
        world.wait(afterMinutes * MINUTE + 1_000);
      }
      world.wait(lastMs * 10_000);
      world.fates.set("team", "arrives");
      world.wait(MINUTE);
      for (const key of firing.values()) expect(notified, `at ${world.now - START} ms`).toContain(key);
    }),
    { numRuns: 150, seed: 11 },
  );
});
