import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../../functions/lib/time-units.ts";
import { Shipper } from "../../../functions/monitor/history/ship.ts";
import { DEFAULT_LIMITS } from "../../../functions/monitor/history/ship-plan.ts";
import { sweepHistory } from "../../../functions/store/history/retention.ts";
import type { StoredSample } from "../../../functions/store/history/sample-block.ts";
import { readHours } from "../../store/history/read-hours.ts";
import { EPOCH, sampleKey } from "../../store/history/samples.ts";
import { Deadlines } from "../deadlines.ts";
import { type D1Mode, ShipWorld, samplesInHistory } from "./ship-world.ts";

const monitor = () => env.MONITOR.getByName("ship");

const inWorld = <Result>(use: (world: ShipWorld) => Promise<Result>, limits = DEFAULT_LIMITS): Promise<Result> =>
  runInDurableObject(monitor(), (_, { storage }) => use(new ShipWorld(storage, limits)));

/** Runs of one probe of the targets, with outcomes that differ from slot to slot. */
const runs =
  (targets: readonly string[], attempt = 0) =>
  (slot: number): StoredSample[] =>
    targets.map((target, index) => ({
      target,
      probe: "health",
      vantage: "local",
      slot,
      attempt,
      startedAt: slot + 100 * index,
      durationMs: ((slot / 60_000) % 50) + index,
      outcome: (slot / 60_000 + index) % 7 === 0 ? "degraded" : "ok",
    }));

const byKey = (a: StoredSample, b: StoredSample): number => (sampleKey(a) < sampleKey(b) ? -1 : 1);

/** Commits the confirmation of the newest slot, unless it has one. */
function confirm(world: ShipWorld, targets: readonly string[]): void {
  const samples = runs(targets.slice(0, 1), 1)(world.slot);
  world.commit(samples.filter((sample) => !world.committed.has(sampleKey(sample))));
}

/** D1 holds each committed sample, unchanged, in exactly one row. */
async function expectExactlyOnce(world: ShipWorld): Promise<void> {
  expect((await samplesInHistory()).sort(byKey)).toEqual(Array.from(world.committed.values()).sort(byKey));
}

/** Wakes the shipper each minute until nothing that is whole waits any more. */
async function drain(world: ShipWorld, targets: readonly string[]): Promise<void> {
  for (let minute = 0; minute < 100; minute++) {
    world.tick(1, runs(targets));
    await world.ship();
  }
  // The hours that are still open are of no interest: closing them needs later slots, without samples.
  world.slot += 2 * HOUR_MS;
  world.now = world.slot + 5000;
  for (let wake = 0; wake < 3; wake++) {
    await world.ship();
    world.now += HOUR_MS;
  }
  expect(world.backlog.hours()).toEqual([]);
}

type Command =
  | { do: "ticks"; count: number; skip: number; ship: boolean }
  | { do: "confirm" | "ship" | "restart" | "late" | "reconfigure" }
  | { do: "die"; writes: number }
  | { do: "stall"; minutes: number; confirm: boolean }
  | { do: "d1"; mode: D1Mode }
  | { do: "targets"; targets: string[] };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("ticks" as const),
      count: fc.integer({ min: 1, max: 25 }),
      skip: fc.constantFrom(0, 0, 0, 3, 70, 500),
      ship: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("confirm", "ship", "restart", "late", "reconfigure") }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("die" as const), writes: fc.integer({ min: 0, max: 2 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("stall" as const),
      minutes: fc.integer({ min: 1, max: 150 }),
      confirm: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("d1" as const),
      mode: fc.constantFrom<D1Mode>("works", "refuses", "lost", "hung"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("targets" as const), targets: fc.subarray(["a", "b", "c"]) }),
  },
);

describe("shipping", () => {
  test("hours closed while the clock was ahead refuse nothing once it is right again", async () => {
    await inWorld(async ({ backlog }) => {
      const ahead = EPOCH + 365 * 24 * HOUR_MS;
      backlog.saveShipping({ ...backlog.shipping(), closedBefore: ahead, shippedThrough: ahead });
      const samples = runs(["a"])(EPOCH);
      expect(backlog.append("0:1", samples)).toEqual({ refused: 1 });
      const port = { backlog, now: () => EPOCH, startDeadline: new Deadlines().start };
      const write = async () => ({ ok: true as const, rowsWritten: 0, statements: 0 });
      await new Shipper({ ...port, write }, 0).ship(EPOCH);
      expect(backlog.append("0:1", samples)).toEqual({ refused: 0 });
      expect(backlog.backlogSlots()).toBe(1);
    });
  });

  test("whatever is interleaved, every committed sample ends in D1 exactly once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 30 }), async (commands) => {
        await env.DB.exec("DELETE FROM history");
        await runInDurableObject(monitor(), async (_, { storage }) => {
          storage.sql.exec("DROP TABLE IF EXISTS backlog_block; DROP TABLE IF EXISTS backlog_state");
          const world = new ShipWorld(storage, { ...DEFAULT_LIMITS, maxHours: 1000 });
          let targets = ["a", "b"];
          for (const one of commands) {
            if (one.do === "ticks") {
              for (let n = 0; n < one.count; n++) {
                world.tick(n === 0 ? 1 + one.skip : 1, runs(targets));
                if (one.ship) await world.ship();
              }
            } else if (one.do === "stall") {
              // Time goes on without a tick, as in an outage of ours; then the last slot is still confirmed.
              world.now += one.minutes * 60_000;
              await world.ship();
              if (one.confirm) confirm(world, targets);
            } else if (one.do === "confirm") confirm(world, targets);
            else if (one.do === "ship") await world.ship();
            else if (one.do === "restart") world.restart();
            else if (one.do === "late") await world.late();
            else if (one.do === "reconfigure") world.generation++;
            else if (one.do === "die") await world.dieShipping(one.writes);
            else if (one.do === "d1") world.mode = one.mode;
            else if (one.do === "targets") targets = one.targets;
          }
          world.mode = "works";
          await drain(world, targets);
          await expectExactlyOnce(world);
          await world.late();
          await expectExactlyOnce(world);
          expect(world.backlog.shipping().droppedSlots).toBe(0);
        });
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  test("while D1 fails for three hours nothing stops, then every hour's row is there once and right", () =>
    inWorld(async (world) => {
      const targets = ["a", "b"];
      for (let minute = 1; minute <= 6 * 60; minute++) {
        world.mode =
          minute > 70 && minute <= 250 ? ((["refuses", "lost", "hung"] as const)[minute % 3] ?? "refuses") : "works";
        world.tick(1, runs(targets));
        await world.ship();
        if (minute === 250) {
          const { failures } = world.backlog.shipping();
          expect(failures).toBeGreaterThan(10);
          expect(failures).toBeLessThan(20);
          expect(world.backlog.backlogSlots()).toBeGreaterThan(150);
        }
        if (minute === 270) expect(world.backlog.backlogSlots()).toBeLessThan(62);
      }
      const hours = await env.DB.prepare(
        "SELECT target, (hour - ?1) / 3600 AS hour, owner, slots, runs, attempts FROM history ORDER BY target, hour",
      )
        .bind(EPOCH / 1000)
        .all();
      expect(hours.results.filter(({ hour }) => Number(hour) < 5)).toEqual(
        targets.flatMap((target) =>
          [59, 60, 60, 60, 60].map((runs, hour) => ({ target, hour, owner: "0:1", slots: runs, runs, attempts: runs })),
        ),
      );
      const read = await readHours(env.DB, "b", { from: EPOCH, to: EPOCH + 5 * HOUR_MS, samples: true });
      const expected = Array.from(world.committed.values()).filter(
        ({ target, slot }) => target === "b" && slot < EPOCH + 5 * HOUR_MS,
      );
      expect(read.ok && read.hours.flatMap(({ samples }) => samples)).toEqual(expected);
      expect(world.backlog.shipping()).toMatchObject({ droppedSlots: 0, failuresInRow: 0 });
    }));

  test("an eviction between two ticks loses nothing", async () => {
    const committed: StoredSample[] = [];
    for (const round of [0, 1, 2]) {
      await inWorld(async (world) => {
        world.slot = EPOCH + round * 45 * 60_000;
        for (let minute = 0; minute < 45; minute++) {
          world.tick(1, runs(["a"]));
          await world.ship();
        }
        committed.push(...world.committed.values());
        if (round < 2) return;
        world.slot += 2 * HOUR_MS;
        world.now = world.slot;
        await world.ship();
        expect(world.backlog.hours()).toEqual([]);
      });
      // `reset()` leaves the storage of an object that sleeps, so the last round leaves it awake.
      if (round < 2) await evictDurableObject(monitor());
    }
    expect((await samplesInHistory()).sort(byKey)).toEqual(committed.sort(byKey));
  });

  test("the backlog is bounded: the oldest hours go, what went is counted, the rest arrives", () =>
    inWorld(
      async (world) => {
        world.mode = "refuses";
        for (let minute = 0; minute < 6 * 60; minute++) {
          world.tick(1, runs(["a"]));
          await world.ship();
          expect(world.backlog.hours().length).toBeLessThanOrEqual(3);
        }
        expect(world.backlog.shipping().droppedSlots).toBe(59 + 3 * 60);
        world.mode = "works";
        await drain(world, ["a"]);
        const kept = Array.from(world.committed.values()).filter(({ slot }) => slot >= EPOCH + 4 * HOUR_MS);
        expect((await samplesInHistory()).sort(byKey)).toEqual(kept.sort(byKey));
        expect(world.backlog.shipping().droppedSlots).toBe(59 + 3 * 60);
      },
      { ...DEFAULT_LIMITS, maxHours: 3 },
    ));

  test("a shipment is limited in hours and continues at the next wake", () =>
    inWorld(
      async (world) => {
        for (let minute = 0; minute < 8 * 60; minute++) world.tick(1, runs(["a"]));
        expect(await world.ship()).toEqual({ did: "shipped", hours: 3, rowsWritten: 3, complete: false });
        expect(await world.ship()).toEqual({ did: "shipped", hours: 3, rowsWritten: 3, complete: false });
        expect(await world.ship()).toEqual({ did: "shipped", hours: 2, rowsWritten: 2, complete: true });
        expect(await world.ship()).toEqual({ did: "nothing", reason: "not due" });
      },
      { ...DEFAULT_LIMITS, maxHoursPerShipment: 3 },
    ));

  test("a shipment under way is not joined by another", () =>
    inWorld(async (world) => {
      for (let minute = 0; minute < 90; minute++) world.tick(1, runs(["a"]));
      const first = world.ship();
      expect(await world.ship()).toEqual({ did: "nothing", reason: "busy" });
      expect(await first).toMatchObject({ did: "shipped", complete: true });
    }));

  test("an unreadable block is left out, counted, and does not hold up its hour", () =>
    inWorld(async (world) => {
      world.tick(1, runs(["a"]));
      world.tick(1, runs(["a"]));
      await runInDurableObject(monitor(), (_, { storage }) => {
        storage.sql.exec("UPDATE backlog_block SET samples = x'ff00' WHERE slot = ?", world.slot);
      });
      world.slot += 2 * HOUR_MS;
      world.now = world.slot;
      expect(await world.ship()).toMatchObject({ did: "shipped", rowsWritten: 1 });
      expect(world.backlog.hours()).toEqual([]);
      expect(world.backlog.shipping().droppedSlots).toBe(1);
    }));

  test.each(["hours", "blocks", "close", "saveShipping", "shipping"] as const)(
    "an error of our own in %s is an answer, not a throw",
    (name) =>
      inWorld(async (world) => {
        world.tick(1, runs(["a"]));
        world.slot += 2 * HOUR_MS;
        world.now = world.slot;
        Object.defineProperty(world.backlog, name, {
          configurable: true,
          value: () => {
            throw new TypeError("broken");
          },
        });
        expect(await world.ship()).toMatchObject({ did: "failed", failure: "internal" });
        Reflect.deleteProperty(world.backlog, name);
        world.now += 60_000;
        expect(await world.ship()).toMatchObject({ did: "shipped" });
        await expectExactlyOnce(world);
      }),
  );
});

describe("cost", () => {
  test.each([1, 10, 100, 1000])(
    "history of %i targets writes at most 0.1 rows per target-minute, deletes included",
    (targets) =>
      inWorld(async (world) => {
        const names = Array.from({ length: targets }, (_, target) => `target-${target}`);
        // One run every five minutes: rows depend on hours, not on samples.
        const samplesOf = (slot: number) => (slot % 300_000 === 0 ? runs(names)(slot) : []);
        let before = 0;
        for (let minute = 1; minute <= 4 * 60; minute++) {
          world.tick(1, samplesOf);
          await world.ship();
          if (minute === 120) before = world.rowsWritten;
        }
        const perHour = (world.rowsWritten - before) / 2;
        // Each row is later stripped of its samples once, and deleted once.
        let swept = 0;
        const counting = {
          prepare: (sql: string) => ({
            bind: (...values: unknown[]) => ({
              run: async () => {
                const result = await env.DB.prepare(sql)
                  .bind(...values)
                  .run();
                swept += result.meta.rows_written;
                return result;
              },
            }),
          }),
        } as unknown as D1Database;
        const hour = EPOCH + 2 * HOUR_MS;
        await sweepHistory(counting, { stripFrom: EPOCH + HOUR_MS, stripBefore: hour, deleteBefore: 0 });
        await env.DB.prepare("DELETE FROM history WHERE hour < ?")
          .bind((EPOCH + HOUR_MS) / 1000)
          .run();
        await sweepHistory(counting, { stripFrom: 0, stripBefore: 0, deleteBefore: hour });
        const perTargetMinute = (perHour + swept) / targets / 60;
        console.log(
          `${targets} targets: ${perHour} rows shipped and ${swept} swept an hour, ${perTargetMinute.toFixed(4)} per target-minute`,
        );
        expect(perHour).toBe(2 * targets);
        expect(perTargetMinute).toBeLessThanOrEqual(0.1);
      }),
  );
});
