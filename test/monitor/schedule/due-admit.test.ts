import fc from "fast-check";
import { expect, it } from "vitest";
import type { TargetMemory } from "../../../functions/model/probing/memory.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import { admit } from "../../../functions/monitor/schedule/admit.ts";
import { anyPlan, anyTarget } from "../any-target.ts";

const DAY = 20_000;
const SLOT = DAY * 86_400_000 + 60_000;

function task(name: string, writeBytesPerDay: number, tokensPerDay: number, spent: TargetMemory["spent"]): ProbeTask {
  const target = anyTarget({ name, budgets: { writeBytesPerDay, tokensPerDay } });
  const memory: TargetMemory = { canaries: [], spent };
  return { target, plan: anyPlan(), vantage: "local", slot: SLOT, attempt: 0, role: "sole", memory };
}

const runs = (budget: number, spent: number, cost: number, day = DAY): number => {
  const tasks = [0, 1, 2].map(() => task("t", budget, 0, { day, writtenBytes: spent, tokens: 0 }));
  return admit(tasks, () => ({ writtenBytes: cost, tokens: 0 })).run.length;
};

it.each([
  ["all fit", 3000, 0, 1000, DAY, 3],
  ["to the byte", 2999, 0, 1000, DAY, 2],
  ["with what was spent today", 3000, 1, 1000, DAY, 2],
  ["yesterday does not count", 3000, 9999, 1000, DAY - 1, 3],
  ["nor does a day ahead, from a clock that was wrong", 3000, 9999, 1000, DAY + 1, 3],
  ["overspent", 3000, 9999, 1000, DAY, 0],
  ["what costs nothing runs, overspent or not", 0, 9999, 0, DAY, 3],
])("%s", (_, budget, spent, cost, day, expected) => {
  expect(runs(budget, spent, cost, day)).toBe(expected);
});

it("says which budget, its limit, what is spent and what the run would cost", () => {
  const one = task("t", 10, 5, { day: DAY, writtenBytes: 0, tokens: 4 });
  expect(admit([one, one], () => ({ writtenBytes: 1, tokens: 1 })).skipped).toEqual([
    { task: one, why: { budget: "tokensPerDay", limit: 5, spent: 5, cost: 1 } },
  ]);
});

it("never exceeds a target's budget, loses no task, and lets no target pay for another", () => {
  const any = fc.record({
    name: fc.constantFrom("a", "b"),
    cost: fc.record({ writtenBytes: fc.nat(5), tokens: fc.nat(2) }),
  });
  fc.assert(
    fc.property(fc.array(any), fc.nat(12), fc.nat(6), (asked, bytes, tokens) => {
      const costs = new Map(
        asked.map(({ name, cost }) => [task(name, bytes, tokens, { day: DAY, writtenBytes: 1, tokens: 1 }), cost]),
      );
      const costOf = (o: ProbeTask): { writtenBytes: number; tokens: number } =>
        costs.get(o) ?? expect.fail("an order that nobody made");
      const { run, skipped } = admit([...costs.keys()], costOf);
      expect(new Set([...run, ...skipped.map((s) => s.task)])).toEqual(new Set(costs.keys()));
      for (const name of ["a", "b"]) {
        const own = [...costs.keys()].filter((o) => o.target.name === name);
        const sum = (key: "writtenBytes" | "tokens"): number =>
          run.filter((o) => o.target.name === name).reduce((total, o) => total + costOf(o)[key], 0);
        if (sum("writtenBytes") > 0) expect(1 + sum("writtenBytes")).toBeLessThanOrEqual(bytes);
        if (sum("tokens") > 0) expect(1 + sum("tokens")).toBeLessThanOrEqual(tokens);
        expect(admit(own, costOf).run).toEqual(run.filter((o) => o.target.name === name));
      }
    }),
  );
});
