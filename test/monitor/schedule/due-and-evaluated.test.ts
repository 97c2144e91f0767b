import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Judgement, judgeProbe } from "../../../functions/evaluate/verdict/judge-probe.ts";
import { confirmationCap, needsConfirmation } from "../../../functions/evaluate/verdict/needs-confirmation.ts";
import type { Run } from "../../../functions/evaluate/verdict/new-votes.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import { EMPTY_MEMORY } from "../../../functions/model/probing/memory.ts";
import type { Role, Schedule } from "../../../functions/model/probing/probe-task.ts";
import { dueRuns } from "../../../functions/model/probing/schedule/due-runs.ts";
import { REGIONS } from "../../../functions/model/probing/vantage.ts";
import type { State } from "../../../functions/model/probing/verdict.ts";
import { NO_VERDICT } from "../../evaluate/verdict/no-verdict.ts";
import { anyPlan, anyTarget } from "../any-target.ts";

const GRID = 60_000;
const INTERVAL = 5 * GRID;

/** Whether a run from a vantage succeeds. `n` counts the runs of this vantage. */
type World = (at: { vantage: string; slot: number; attempt: number; n: number }) => boolean;

interface Moment {
  slot: number;
  state: State;
  open: boolean;
  runs: number;
}

/** Lets one probe run, be judged and be confirmed for `slots` slots, as a Monitor would. */
function live({ name, schedule, vantages, slots, world }: Life): Moment[] {
  const plan = anyPlan({ kind: "k", intervalMs: INTERVAL });
  const target = anyTarget({ name, probes: [plan] });
  const config = { gridMs: GRID, vantages: REGIONS.slice(0, vantages), targets: [target] };
  const counts = new Map<string, number>();
  let judgement: Pick<Judgement, "verdict" | "vantageStates"> = { verdict: NO_VERDICT, vantageStates: [] };
  const moments: Moment[] = [];
  for (let i = 1; i <= slots; i++) {
    const slot = START + i * GRID;
    const run = (vantage: string, attempt: number): Run => {
      const n = (counts.get(vantage) ?? 0) + 1;
      counts.set(vantage, n);
      const common = { vantage, slot, attempt };
      const good = world({ vantage, slot, attempt, n });
      return good ? { ...common, outcome: "ok" } : { ...common, outcome: "failed", failure: failure("connect", false) };
    };
    const judge = (runs: readonly Run[], attempt: number): Judgement => {
      const { verdict: previous, vantageStates } = judgement;
      const at = { slot, attempt, suspects: new Set<string>(), vantages: config.vantages };
      return judgeProbe({ plan, schedule, previous, vantageStates, runs, ...at });
    };
    const due = dueRuns({ config, slot, scheduleOf: () => schedule, memoryOf: () => EMPTY_MEMORY });
    const first = judge(
      due.map(({ vantage }) => run(vantage, 0)),
      0,
    );
    judgement = first;
    const role: Role = due[0]?.role ?? "sole";
    const common = { target: name, probe: "k", schedule, critical: true, repeatable: true, slow: true, calls: 1 };
    const candidate = { ...common, role, judgement: first };
    const confirmations = needsConfirmation([candidate], {
      slot,
      vantages: config.vantages,
      suspects: new Set(),
      perVantage: confirmationCap(1),
    });
    if (confirmations.length > 0) {
      judgement = judge(
        confirmations.map(({ vantage }) => run(vantage, 1)),
        1,
      );
    }
    const { state, incidentOpen: open } = judgement.verdict;
    moments.push({ slot, state, open, runs: due.length + confirmations.length });
  }
  return moments;
}

interface Life {
  name: string;
  schedule: Schedule;
  vantages: number;
  slots: number;
  world: World;
}

const START = 29_000_000 * GRID;
const lives = fc.record({
  name: fc.stringMatching(/^[a-z]{1,8}$/),
  schedule: fc.constantFrom<Schedule>("every", "rotating", "single_writer"),
  vantages: fc.integer({ min: 1, max: REGIONS.length }),
});
const since = START + 40 * GRID;

describe("a probe that is due, judged and confirmed", () => {
  it("is down within an interval of an outage that all see", () => {
    fc.assert(
      fc.property(lives, fc.nat(9), (life, later) => {
        const from = since + later * GRID;
        const moments = live({ ...life, slots: 60, world: ({ slot }) => slot < from });
        expect(moments.filter(({ slot, open }) => slot < from && open)).toEqual([]);
        expect(moments.find(({ slot }) => slot === from + INTERVAL - GRID)).toMatchObject({
          state: "down",
          open: true,
        });
      }),
    );
  });

  it("is up again three intervals after it", () => {
    fc.assert(
      fc.property(lives, fc.integer({ min: 2, max: 30 }), (life, long) => {
        const until = since + long * GRID;
        const moments = live({ ...life, slots: 120, world: ({ slot }) => slot < since || slot >= until });
        expect(moments.find(({ slot }) => slot === until + 3 * INTERVAL)?.open).toBe(false);
        expect(moments.at(-1)).toMatchObject({ state: "up", open: false });
      }),
    );
  });

  it("is never down where one vantage of several cannot reach it, but regional where that one is asked often enough", () => {
    fc.assert(
      fc.property(lives, fc.nat(), (life, which) => {
        fc.pre(life.vantages > 1);
        const broken = REGIONS[which % life.vantages];
        const moments = live({ ...life, slots: 200, world: ({ vantage, slot }) => vantage !== broken || slot < since });
        expect(moments.filter(({ open }) => open)).toEqual([]);
        expect(moments.at(-1)?.state).toBe("regional");
      }),
    );
  });

  it("leaves an incident where only one vantage stays broken", () => {
    fc.assert(
      fc.property(lives, fc.nat(), (life, which) => {
        fc.pre(life.vantages > 1);
        const broken = REGIONS[which % life.vantages];
        const until = since + 60 * GRID;
        const world: World = ({ vantage, slot }) => slot < since || (slot >= until && vantage !== broken);
        const moments = live({ ...life, slots: 250, world });
        expect(moments.find(({ slot }) => slot === until - GRID)?.open).toBe(true);
        expect(moments.find(({ slot }) => slot === until + 9 * INTERVAL)?.open).toBe(false);
        expect(moments.at(-1)?.state).toBe("regional");
      }),
    );
  });

  it("shrugs off any one failed run", () => {
    fc.assert(
      fc.property(lives, fc.nat(), fc.integer({ min: 2, max: 12 }), (life, which, nth) => {
        const unlucky = REGIONS[which % life.vantages];
        const moments = live({ ...life, slots: 120, world: ({ vantage, n }) => vantage !== unlucky || n !== nth });
        expect(moments.slice(INTERVAL / GRID).filter(({ state }) => state !== "up")).toEqual([]);
      }),
    );
  });

  it("asks for no more than twice its runs, and for none without a failure", () => {
    fc.assert(
      fc.property(lives, fc.infiniteStream(fc.boolean()), (life, luck) => {
        const runs = (world: World): number =>
          live({ ...life, slots: 60, world }).reduce((sum, moment) => sum + moment.runs, 0);
        const calm = runs(() => true);
        const perSlot = life.schedule === "every" ? 2 : 3;
        expect(runs(() => luck.next().value as boolean)).toBeLessThanOrEqual(perSlot * calm);
        expect(runs(() => false)).toBeLessThanOrEqual(calm + Math.max(2, Math.ceil(life.vantages / 2)));
      }),
    );
  });
});
