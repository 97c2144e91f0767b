import fc from "fast-check";
import { expect, test } from "vitest";
import { rotateTasks } from "../../../functions/monitor/schedule/rotate-tasks.ts";

const GRID = 10_000;
const crowd = fc.record({
  targets: fc.integer({ min: 1, max: 60 }).map((n) => Array.from({ length: n }, (_, i) => `t${i}`)),
  from: fc.integer({ min: 100_000_000, max: 200_000_000 }),
  /** Share of the targets that find room in a slot. */
  room: fc.constantFrom(0.1, 0.2, 0.34, 0.5, 0.7),
});

test("all tasks of a target stay together and keep their order", () => {
  fc.assert(
    fc.property(crowd, fc.array(fc.nat(59), { maxLength: 100 }), ({ targets, from }, picked) => {
      const tasks = picked.map((n, i) => ({ target: targets[n % targets.length] as string, i }));
      const ordered = rotateTasks(tasks, ({ target }) => target, { slot: from * GRID, gridMs: GRID, targets });
      expect(ordered.toSorted((a, b) => a.i - b.i)).toEqual(tasks);
      const runs = ordered.map(({ target }) => target).filter((name, i, all) => name !== all[i - 1]);
      expect(new Set(runs).size).toBe(runs.length);
      for (const [i, task] of ordered.entries())
        if (ordered[i + 1]?.target === task.target) expect(ordered[i + 1]?.i).toBeGreaterThan(task.i);
    }),
  );
});

test("whoever found no room goes first: nobody waits much longer than the room makes necessary", () => {
  fc.assert(
    fc.property(crowd, ({ targets, from, room }) => {
      const fits = Math.max(1, Math.floor(targets.length * room));
      const rounds = Math.ceil(targets.length / fits);
      const waits = new Map(targets.map((name) => [name, 0]));
      let longest = 0;
      for (let i = 0; i < 100; i++) {
        const hasGap = (name: string): boolean => (waits.get(name) ?? 0) > 0;
        const ordered = rotateTasks(targets, (name) => name, {
          slot: (from + i) * GRID,
          gridMs: GRID,
          targets,
          hasGap,
        });
        for (const [place, name] of ordered.entries())
          waits.set(name, place < fits ? 0 : (waits.get(name) as number) + 1);
        longest = Math.max(longest, ...waits.values());
      }
      // Where half of them find room, everybody does at least every other slot; below that the order rotates as well.
      if (rounds <= 2) expect(longest).toBeLessThanOrEqual(1);
      expect(longest).toBeLessThanOrEqual(4 * rounds);
    }),
    { numRuns: 60 },
  );
});

test("tasks that never end in time cannot keep the others out", () => {
  const targets = Array.from({ length: 30 }, (_, i) => `t${i}`);
  const isHog = (name: string): boolean => Number(name.slice(1)) < 6;
  const waits = new Map(targets.map((name) => [name, 0]));
  for (let i = 0; i < 200; i++) {
    const hasGap = (name: string): boolean => isHog(name) || (waits.get(name) ?? 0) > 0;
    const facts = { slot: (170_000_000 + i) * GRID, gridMs: GRID, targets, hasGap };
    const ordered = rotateTasks(targets, (name) => name, facts);
    for (const [place, name] of ordered.entries()) waits.set(name, place < 12 ? 0 : (waits.get(name) as number) + 1);
    expect(Math.max(...waits.values())).toBeLessThanOrEqual(8);
  }
});
