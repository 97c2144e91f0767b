import fc from "fast-check";
import { expect, test } from "vitest";
import { busiestSlot, fits, profileOf } from "../../functions/config/targets/slot-load.ts";
import type { Config } from "../../functions/model/config.ts";
import { slotRoomMs } from "../../functions/model/probing/placement.ts";
import { CrowdedWorld, START } from "./crowded-world.ts";
import { config, KINDS, plan, target } from "./world.ts";

const SLOTS = 14;
let worlds = 0;

const probes = fc.record({
  kinds: fc.subarray(["health", "cas.negotiate", "cas.details", "transport.download"], { minLength: 1 }),
  slots: fc.constantFrom(1, 1, 2, 5),
  timeoutShare: fc.constantFrom(0.05, 0.1, 0.2, 0.3, 0.45),
});
const fleets = fc
  .record({
    gridMs: fc.constantFrom(10_000, 60_000),
    count: fc.integer({ min: 1, max: 30 }),
    vantages: fc.constantFrom(["local"], ["weur"], ["weur", "enam"], ["weur", "enam", "apac"]),
    lanes: fc.integer({ min: 1, max: 4 }),
    plans: fc.array(probes, { minLength: 1, maxLength: 3 }),
  })
  .map(({ gridMs, count, vantages, lanes, plans }): Config => {
    const targets = Array.from({ length: count }, (_, i) => {
      const { kinds, slots, timeoutShare } = plans[i % plans.length] as (typeof plans)[number];
      const times = { intervalMs: slots * gridMs, timeoutMs: timeoutShare * gridMs };
      return {
        ...target(
          `t${i}`,
          kinds.map((kind) => plan(kind, times)),
        ),
        budgets: { writeBytesPerDay: 0, tokensPerDay: 1e6 },
      };
    });
    return config(targets, { gridMs, vantages, lanes });
  });

test(
  "where the config check finds room, no run and no confirmation is lost, though nothing answers at all",
  () =>
    fc.assert(
      fc.asyncProperty(fleets, async (of) => {
        const load = busiestSlot(profileOf(of, KINDS), of);
        fc.pre(fits(load));
        await CrowdedWorld.run(`law-${worlds++}`, of, async (crowded) => {
          crowded.behaviour = () => "hanging";
          await crowded.until(START + SLOTS * of.gridMs);
          const ticks = crowded.world.events.flatMap((event) => (event.event === "tick" ? [event] : []));
          expect(ticks.length).toBeGreaterThanOrEqual(SLOTS);
          expect(ticks.filter(({ attempt, lost }) => attempt > 0 && lost > 0)).toEqual([]);
          for (const { name, probes: all } of of.targets)
            for (const { kind } of all) {
              // Runs that are early, of what was never asked, come last and may find no room.
              const row = crowded.world.count("zako_watch_probe_gap_intervals", name, `probe="${kind}"`);
              expect(Number.isNaN(row) ? 0 : row, `${name} ${kind}`).toBe(0);
            }
          for (const { durationMs } of ticks) expect(durationMs).toBeLessThanOrEqual(slotRoomMs(of.gridMs));
        });
      }),
      { numRuns: 12 },
    ),
  120_000,
);
