import fc from "fast-check";
import { expect, it } from "vitest";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import { type Lane, lanesInTurn } from "../../../functions/monitor/tick/lanes.ts";
import { targetOf, taskOf } from "../../probe/tasks.ts";

const GRID_MS = 10_000;
const names = (lanes: readonly Lane[]): string[] => lanes.map(({ vantage, index }) => `${vantage}:${index}`);

const task = fc
  .tuple(fc.constantFrom("weur", "enam", "apac", "local"), fc.nat(30))
  .map(([vantage, n]) => taskOf("health", { vantage, target: targetOf({ name: `zako-${n}` }) }));
const atSlot = (tasks: readonly ProbeTask[], n: number): ProbeTask[] =>
  tasks.map((one) => ({ ...one, slot: n * GRID_MS }));

it("which lane begins does not depend on the sequence in which targets are planned", () => {
  fc.assert(
    fc.property(fc.array(task, { minLength: 1, maxLength: 20 }), fc.nat(1_000), (tasks, n) => {
      const planned = names(lanesInTurn(atSlot(tasks, n), 4, GRID_MS));
      expect(names(lanesInTurn(atSlot(tasks.toReversed(), n), 4, GRID_MS))).toEqual(planned);
    }),
  );
});

it("from slot to slot another lane begins, and each begins before long", () => {
  fc.assert(
    fc.property(fc.array(task, { minLength: 1, maxLength: 20 }), fc.nat(1_000), (tasks, n) => {
      const sorted = names(lanesInTurn(tasks, 4, GRID_MS)).toSorted();
      const begins = new Set<string>();
      for (let i = 0; i < 4 * sorted.length; i++) {
        const lanes = names(lanesInTurn(atSlot(tasks, n + i), 4, GRID_MS));
        const first = sorted.indexOf(lanes[0] as string);
        expect(lanes).toEqual([...sorted.slice(first), ...sorted.slice(0, first)]);
        begins.add(lanes[0] as string);
      }
      expect(begins.size).toBe(sorted.length);
    }),
  );
});

it("every task is in one lane, in the sequence in which it was planned", () => {
  fc.assert(
    fc.property(fc.array(task, { minLength: 1, maxLength: 20 }), (tasks) => {
      const lanes = lanesInTurn(tasks, 4, GRID_MS);
      expect(lanes.flatMap((lane) => lane.tasks)).toHaveLength(tasks.length);
      for (const lane of lanes) {
        expect(lane.tasks).toEqual(tasks.filter((one) => lane.tasks.includes(one)));
        expect(new Set(lane.tasks.map(({ vantage }) => vantage))).toEqual(new Set([lane.vantage]));
      }
    }),
  );
});
