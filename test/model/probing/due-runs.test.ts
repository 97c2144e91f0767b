import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DueInput, dueRuns } from "../../../functions/model/probing/due-runs.ts";
import { EMPTY_MEMORY } from "../../../functions/model/probing/memory.ts";
import { periodOf } from "../../../functions/model/probing/period.ts";
import type { Schedule } from "../../../functions/model/probing/probe-task.ts";
import type { Target } from "../../../functions/model/probing/target.ts";
import { REGIONS } from "../../../functions/model/probing/vantage.ts";
import { anyPlan, anyTarget } from "../../monitor/any-target.ts";

const GRID = 60_000;
const KINDS: Readonly<Record<string, Schedule>> = {
  health: "every",
  "cas.details": "rotating",
  upload: "single_writer",
};

const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/), { minLength: 1, maxLength: 6 });
const fleets = fc.record({
  names,
  vantages: fc.integer({ min: 1, max: REGIONS.length }),
  /** Of `health`, `cas.details` and `upload`, in slots. */
  every: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 2, max: 12 })),
  from: fc.integer({ min: 1, max: 40_000_000 }),
});
type Fleet = typeof fleets extends fc.Arbitrary<infer T> ? T : never;

const targetOf = (name: string, every: readonly number[]): Target =>
  anyTarget({
    name,
    probes: Object.keys(KINDS).map((kind, i) => anyPlan({ kind, intervalMs: (every[i] ?? 1) * GRID })),
  });

function inputOf({ names, vantages, every, from }: Fleet): DueInput {
  return {
    config: {
      gridMs: GRID,
      vantages: REGIONS.slice(0, vantages),
      targets: names.map((name) => targetOf(name, every)),
    },
    scheduleOf: (kind) => KINDS[kind] ?? "every",
    memoryOf: () => EMPTY_MEMORY,
    slot: from * GRID,
  };
}

/** One line per order: what is asked, and when. */
const lines = (input: DueInput, slots: number): string[] =>
  [...Array(slots).keys()].flatMap((i) => {
    const slot = input.slot + i * GRID;
    return dueRuns({ ...input, slot }).map(({ target, plan, vantage, role, period }) =>
      JSON.stringify({ target: target.name, kind: plan.kind, vantage, role, period, slot }),
    );
  });
const parsed = (
  line: string,
): Record<"target" | "kind" | "vantage" | "role", string> & { period: number; slot: number } => JSON.parse(line);

const law = (check: (fleet: Fleet) => void): void => fc.assert(fc.property(fleets, check), { numRuns: 30 });

describe("dueRuns", () => {
  it("runs each plan once per interval, from whom its schedule says", () => {
    law((fleet) => {
      const input = inputOf(fleet);
      const tasks = lines(input, 40).map(parsed);
      for (const target of input.config.targets) {
        for (const plan of target.probes) {
          const own = tasks.filter((o) => o.target === target.name && o.kind === plan.kind);
          const led = own.filter(({ role }) => role !== "follower");
          const bySlot = Map.groupBy(led, ({ slot }) => slot);
          const [first = 0] = bySlot.keys();
          expect(first).toBeLessThan(input.slot + plan.intervalMs);
          const expected: number[] = [];
          for (let slot = first; slot < input.slot + 40 * GRID; slot += plan.intervalMs) expected.push(slot);
          expect([...bySlot.keys()]).toEqual(expected);
          const perSlot = plan.kind === "health" ? fleet.vantages : 1;
          for (const some of bySlot.values()) {
            expect(new Set(some.map(({ vantage }) => vantage)).size).toBe(perSlot);
            expect(some.length).toBe(perSlot);
          }
          // Periods count up by one, and begin where the plan is due.
          const periods = [...bySlot.values()].map(([task]) => task?.period);
          expect(periods).toEqual(periods.map((_, i) => (periods[0] ?? 0) + i));
          expect(periods[0]).toBe(periodOf({ target: target.name, plan, gridMs: GRID }, first));
        }
      }
    });
  });

  it("rotates fairly: every vantage has its turn before any has two", () => {
    law((fleet) => {
      const tasks = lines(inputOf({ ...fleet, names: ["t"] }), 12 * fleet.vantages * 2).map(parsed);
      for (const kind of ["cas.details", "upload"]) {
        const turns = tasks.filter((o) => o.kind === kind && o.role !== "follower").map(({ vantage }) => vantage);
        for (let i = 0; i + fleet.vantages <= turns.length; i++) {
          expect(new Set(turns.slice(i, i + fleet.vantages)).size).toBe(fleet.vantages);
        }
      }
    });
  });

  it("completes single-writer rotations: after the first, all others run in the next slot, in the first's period", () => {
    law((fleet) => {
      const input = inputOf(fleet);
      const rotations = lines(input, 60)
        .map(parsed)
        .filter(({ kind }) => kind === "upload");
      if (fleet.vantages === 1) {
        expect(rotations.every(({ role }) => role === "sole")).toBe(true);
        return;
      }
      const whole = Map.groupBy(rotations, ({ target, period }) => `${target} ${period}`);
      let complete = 0;
      for (const parts of whole.values()) {
        const first = parts.find(({ role }) => role === "first");
        // The window may cut a rotation at either end.
        if (first === undefined || first.slot === input.slot + 59 * GRID) continue;
        complete++;
        expect(parts.map(({ vantage }) => vantage).sort()).toEqual([...input.config.vantages].sort());
        for (const part of parts)
          if (part !== first) expect([part.role, part.slot]).toEqual(["follower", first.slot + GRID]);
      }
      expect(complete).toBeGreaterThan(0);
    });
  });

  it("never runs a probe twice from one vantage in a slot, not even with a single writer in every slot", () => {
    fc.assert(
      fc.property(fleets, fc.boolean(), (fleet, all) => {
        const input = inputOf({ ...fleet, every: [1, 1, 1] });
        for (let i = 0; i < 5; i++) {
          const tasks = dueRuns({ ...input, all, slot: input.slot + i * GRID });
          const keys = tasks.map(({ target, plan, vantage }) => `${target.name} ${plan.kind} ${vantage}`);
          expect(new Set(keys).size).toBe(keys.length);
          const behind = (role: string): number => (role === "follower" ? 1 : 0);
          for (const { target, plan, slot, role, period } of tasks) {
            const now = periodOf({ target: target.name, plan, gridMs: GRID }, slot);
            expect(period).toBe(now - behind(role));
          }
        }
      }),
    );
  });

  it("does not move a target's runs when others come, go or change places", () => {
    fc.assert(
      fc.property(fleets, fc.nat(), (fleet, which) => {
        const kept = fleet.names[which % fleet.names.length] as string;
        const own = (of: Fleet): string[] => lines(inputOf(of), 30).filter((line) => parsed(line).target === kept);
        const alone = own({ ...fleet, names: [kept] });
        expect(own(fleet)).toEqual(alone);
        expect(own({ ...fleet, names: fleet.names.toReversed() })).toEqual(alone);
      }),
      { numRuns: 30 },
    );
  });

  it("spreads a fleet over the slots of an interval", () => {
    const names = [...Array(1000).keys()].map((i) => `zako-${i}`);
    const input = inputOf({ names, vantages: 3, every: [1, 5, 10], from: 29_000_000 });
    for (let i = 0; i < 10; i++) {
      const due = dueRuns({ ...input, slot: input.slot + i * GRID });
      const count = (kind: string): number => due.filter(({ plan }) => plan.kind === kind).length;
      expect(count("health")).toBe(3000);
      // Five standard deviations of a fair spread.
      expect(Math.abs(count("cas.details") - 200)).toBeLessThan(5 * Math.sqrt(160));
      expect(Math.abs(count("upload") - 300)).toBeLessThan(5 * Math.sqrt(270));
      const weur = due.filter((o) => o.plan.kind === "cas.details" && o.vantage === "weur").length;
      expect(Math.abs(weur - count("cas.details") / 3)).toBeLessThan(40);
    }
  });

  it("runs a missed writer one slot late, from the same vantage and without followers", () => {
    fc.assert(
      fc.property(fleets, fc.func(fc.boolean()), fc.boolean(), (fleet, wasLed, all) => {
        const input = inputOf({ ...fleet, vantages: Math.max(2, fleet.vantages) });
        for (let i = 0; i < 30; i++) {
          const slot = input.slot + i * GRID;
          const before = dueRuns({ ...input, slot: slot - GRID }).filter(({ role }) => role === "first");
          const now = dueRuns({ ...input, slot, all, wasLed: (target) => wasLed(target) }).filter(
            ({ plan }) => plan.kind === "upload",
          );
          for (const { target, vantage, period } of before) {
            if (wasLed(target.name)) continue;
            const own = now.filter((task) => task.target.name === target.name);
            expect(own).toHaveLength(1);
            expect(own[0]).toMatchObject(all ? { role: "first" } : { role: "first", vantage, period });
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("runs everything at once on request", () => {
    const input = inputOf({ names: ["a", "b"], vantages: 2, every: [7, 7, 7], from: 29_000_000 });
    const at = (slot: number, of: Partial<DueInput>): string[] =>
      dueRuns({ ...input, slot, ...of }).map((o) => `${o.target.name} ${o.plan.kind} ${o.role}`);
    const clearedSilently = [...Array(7).keys()]
      .map((i) => input.slot + i * GRID)
      .find((slot) => at(slot, {}).length === 0);
    const slot = clearedSilently ?? expect.fail("some slot of seven has nothing due");
    expect(at(slot, { all: true })).toEqual(
      ["a", "b"].flatMap((t) => [`${t} health sole`, `${t} health sole`, `${t} cas.details sole`, `${t} upload first`]),
    );
  });

  it("refuses a slot or an interval that is not on the grid", () => {
    const input = inputOf({ names: ["a"], vantages: 1, every: [1, 1, 2], from: 1 });
    expect(() => dueRuns({ ...input, slot: 60_001 })).toThrow("Cannot run slot 60001");
    const target = anyTarget({ probes: [anyPlan({ intervalMs: 90_000 })] });
    expect(() => dueRuns({ ...input, config: { ...input.config, targets: [target] } })).toThrow("every 90000 ms");
  });
});
