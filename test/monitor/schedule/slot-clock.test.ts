import fc from "fast-check";
import { expect, test } from "vitest";
import { SlotClock } from "../../../functions/monitor/schedule/slot-clock.ts";

const MAX_AHEAD_MS = 60_000;

const grid = fc.constantFrom(10_000, 60_000);
const instant = fc.integer({ min: 1_000_000_000_000, max: 2_000_000_000_000 });

test("every slot of any run of wakes is run once or counted as missed, whatever the order", () => {
  fc.assert(
    fc.property(
      grid,
      instant,
      fc.array(fc.integer({ min: -3, max: 5 }), { minLength: 1, maxLength: 60 }),
      (g, start, steps) => {
        const clock = new SlotClock(g);
        const meta = { lastSlot: 0, gridMs: g };
        let now = clock.slotOf(start);
        const first = now;
        let accounted = 0;
        let ran: number | undefined;
        for (const step of steps) {
          const slot = Math.max(first, clock.slotOf(now + step * g));
          now = Math.max(now, slot);
          const claim = clock.claim(slot, meta, undefined, now);
          if (slot <= meta.lastSlot) expect(claim.kind).toBe("already");
          if (claim.kind !== "run") continue;
          accounted += 1 + claim.missed;
          meta.lastSlot = slot;
          ran ??= slot;
          expect(accounted).toBe((slot - ran) / g + 1);
        }
      },
    ),
  );
});

test("a slot from the future is refused and leaves no mark", () => {
  const clock = new SlotClock(60_000);
  const now = 1_700_000_000_000;
  const meta = { lastSlot: clock.slotOf(now), gridMs: 60_000 };
  expect(clock.claim(clock.slotOf(now + MAX_AHEAD_MS + 60_000), meta, undefined, now).kind).toBe("refused");
  expect(clock.claim(clock.slotOf(now + 60_000), meta, undefined, now).kind).toBe("run");
  for (const nonsense of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0])
    expect(clock.claim(nonsense, meta, undefined, now).kind).toBe("refused");
});

test("a change of grid counts the gap on the coarser one, so a finer grid invents no missed slots", () => {
  const last = 1_700_000_040_000;
  expect(
    new SlotClock(10_000).claim(last + 60_000, { lastSlot: last, gridMs: 60_000 }, undefined, last + 60_000),
  ).toEqual({
    kind: "run",
    missed: 0,
  });
  expect(
    new SlotClock(60_000).claim(last + 120_000, { lastSlot: last, gridMs: 10_000 }, undefined, last + 120_000),
  ).toEqual({
    kind: "run",
    missed: 1,
  });
});

test("no slot is passed over by alarms, however early or late they come", () => {
  fc.assert(
    fc.property(
      grid,
      instant,
      fc.array(fc.integer({ min: -60, max: 4_000 }), { maxLength: 50 }),
      (g, start, jitters) => {
        const clock = new SlotClock(g);
        const meta = { lastSlot: 0, gridMs: g };
        let now = start;
        let missed = 0;
        for (const jitter of jitters) {
          const claim = clock.claim(clock.slotOf(now), meta, undefined, now);
          if (claim.kind === "run") {
            missed += claim.missed;
            meta.lastSlot = clock.slotOf(now);
          }
          // The handler takes a moment before it sets the next alarm.
          now += 3;
          now = Math.max(now, clock.nextAlarm(now, meta.lastSlot) + jitter);
        }
        expect(missed).toBe(0);
      },
    ),
  );
});

test("a deadline lies inside the slot, or half an interval ahead where the slot began late", () => {
  fc.assert(
    fc.property(grid, instant, (g, now) => {
      const clock = new SlotClock(g);
      const next = clock.slotOf(now) + g;
      const deadline = clock.deadline(clock.slotOf(now), now);
      expect(deadline).toBeGreaterThanOrEqual(now + g / 2);
      expect(deadline).toBeLessThanOrEqual(Math.max(next, now + g / 2));
    }),
  );
});
