import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_MEMORY } from "../../../../functions/model/probing/memory.ts";
import { laneOf } from "../../../../functions/model/probing/placement.ts";
import type { ProbeTask } from "../../../../functions/model/probing/probe-task.ts";
import { dueRuns } from "../../../../functions/model/probing/schedule/due-runs.ts";
import {
  FEW_CALLS,
  type Postponed,
  postpone,
  type Waiting,
} from "../../../../functions/model/probing/schedule/postpone.ts";
import type { ProbePlan, Target } from "../../../../functions/model/probing/target.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";
import { anyPlan, anyTarget } from "../../../monitor/any-target.ts";

const GRID = 60_000;
const START = Date.UTC(2030, 0, 1);
const KINDS = new Map(PROBE_KINDS.map((kind) => [kind.kind, kind]));
const scheduleOf = (kind: string) => KINDS.get(kind)?.schedule ?? "every";
const callsOfPlan = ({ kind, options }: ProbePlan): number => KINDS.get(kind)?.calls(options) ?? 0;
const callsOf = ({ plan }: ProbeTask): number => callsOfPlan(plan);

/** The kinds that the numbers below are of: another one that is on by default makes more calls. */
const COUNTED_KINDS: readonly string[] = [
  "health",
  "cas.details",
  "cas.negotiate",
  "transport.download",
  "transport.upload",
  "transport.journey",
  "worker.submit",
  "worker.gc",
  "engine.execute",
  "engine.context",
  "resource.heuristics",
];

/** A target with the counted kinds, each at its default interval. */
const shippedTarget = (name: string): Target =>
  anyTarget({
    name,
    probes: PROBE_KINDS.filter(({ kind }) => COUNTED_KINDS.includes(kind)).map(({ kind, defaults, options }) =>
      anyPlan({
        kind,
        intervalMs: defaults.intervalMs,
        critical: defaults.critical,
        options: options.parse({}) as Record<string, unknown>,
      }),
    ),
  });

interface Moment {
  slot: number;
  due: ProbeTask[];
  now: ProbeTask[];
  later: Postponed[];
}

/** Lets slots follow each other as the Monitor does. */
function play(targets: readonly Target[], slots: number, vantages = ["local"], lanes = 1): Moment[] {
  const moments: Moment[] = [];
  let earlier: Waiting<ProbeTask>[] = [];
  for (let i = 0; i < slots; i++) {
    const slot = START + i * GRID;
    const config = { gridMs: GRID, vantages: vantages as never, targets };
    const due: ProbeTask[] = dueRuns({ config, scheduleOf, memoryOf: () => EMPTY_MEMORY, slot });
    const { now, later } = postpone(due, earlier, {
      config: { ...config, lanes },
      slot,
      callsOf: callsOfPlan,
      scheduleOf,
    });
    moments.push({ slot, due, now, later });
    earlier = later.flatMap(({ target, probe, vantage, dueAt }) => {
      const known = [...due, ...earlier.map(({ task }) => task)].find(
        (task) => task.target.name === target && task.plan.kind === probe && task.vantage === vantage,
      );
      return known === undefined ? [] : [{ task: { ...known, slot: slot + GRID }, dueAt }];
    });
  }
  return moments;
}

const callsIn = ({ now }: Moment): number => now.reduce((sum, task) => sum + callsOf(task), 0);
const names = (count: number) =>
  fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/), { minLength: count, maxLength: count });
const nameOf = ({ target, plan, vantage }: ProbeTask): string => `${target.name} ${plan.kind} ${vantage}`;

describe("runs that wait for a slot with room", () => {
  it("five targets with the default probes make at most 45 calls a minute, but for rare coincidences of writes", () => {
    fc.assert(
      fc.property(names(5), (five) => {
        const worst = Math.max(...play(five.map(shippedTarget), 60).map(callsIn));
        const writes = (moment: Moment): number =>
          moment.now.filter(({ plan }) => scheduleOf(plan.kind) !== "rotating").reduce((sum, t) => sum + callsOf(t), 0);
        const mostWrites = Math.max(...play(five.map(shippedTarget), 60).map(writes));
        expect(worst).toBeLessThanOrEqual(Math.max(FEW_CALLS, mostWrites));
      }),
      { numRuns: 40 },
    );
  });

  it("every run that is due is made once, three slots later at the latest", () => {
    fc.assert(
      fc.property(names(6), fc.constantFrom(1, 2), (six, lanes) => {
        const moments = play(six.map(shippedTarget), 70, ["local"], lanes);
        const made = new Map<string, number[]>();
        for (const { slot, now } of moments)
          for (const task of now) made.set(nameOf(task), [...(made.get(nameOf(task)) ?? []), slot]);
        for (const { slot, due } of moments.slice(0, 60))
          for (const task of due) {
            const at = made.get(nameOf(task))?.filter((one) => one >= slot && one <= slot + 3 * GRID);
            expect(at?.length ?? 0, nameOf(task)).toBeGreaterThanOrEqual(1);
          }
        const due = moments.flatMap((moment) => moment.due).length;
        const waiting = moments.at(-1)?.later.length ?? 0;
        expect(moments.flatMap(({ now }) => now)).toHaveLength(due - waiting);
      }),
      { numRuns: 30 },
    );
  });

  it("what writes, or is asked from everywhere, never waits", () => {
    for (const { later } of play(["a", "b", "c", "d", "e", "f"].map(shippedTarget), 120))
      for (const { probe } of later) expect(scheduleOf(probe)).toBe("rotating");
  });

  it("nothing waits where the plan must allow more calls anyway", () => {
    const many = Array.from({ length: 12 }, (_, i) => shippedTarget(`zako-${i}`));
    for (const { later } of play(many, 60)) expect(later).toEqual([]);
  });

  it("lanes are counted apart", () => {
    const names = Array.from({ length: 60 }, (_, i) => `zako-${i}`);
    const twelve = [0, 1].flatMap((lane) => names.filter((name) => laneOf(name, 2) === lane).slice(0, 6));
    expect(play(twelve.map(shippedTarget), 60, ["weur"], 2).some(({ later }) => later.length > 0)).toBe(true);
  });

  it("what has become due again while it waited runs once", () => {
    const task = { ...dueOf("cas.details"), slot: START } as ProbeTask;
    const config = { gridMs: GRID, lanes: 1, vantages: ["local" as const], targets: [task.target] };
    const bounds = { config, slot: START, callsOf: callsOfPlan, scheduleOf };
    expect(postpone([task], [{ task, dueAt: START - GRID }], bounds).now).toEqual([task]);
  });
});

function dueOf(kind: string): ProbeTask {
  const target = shippedTarget("a");
  const plan = target.probes.find((one) => one.kind === kind);
  if (plan === undefined) throw new Error(`no plan of ${kind}`);
  return { target, plan, vantage: "local", slot: START, attempt: 0, role: "sole", memory: EMPTY_MEMORY };
}
