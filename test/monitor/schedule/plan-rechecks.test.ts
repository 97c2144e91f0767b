import { describe, expect, it } from "vitest";
import { CONNECTIONS, slotRoomMs } from "../../../functions/model/probing/placement.ts";
import type { Schedule } from "../../../functions/model/probing/probe-task.ts";
import type { Vantage } from "../../../functions/model/probing/vantage.ts";
import type { Verdict } from "../../../functions/model/probing/verdict.ts";
import type { FailingProbe } from "../../../functions/monitor/schedule/failing-probes.ts";
import {
  planRechecks,
  RECHECK_MARGIN_MS,
  type RecheckFacts,
} from "../../../functions/monitor/schedule/plan-rechecks.ts";
import { NO_VERDICT } from "../../evaluate/verdict/no-verdict.ts";
import { plan, START, target } from "../world.ts";

const SECOND = 1_000;
const DOWN: Verdict = { ...NO_VERDICT, state: "down", incidentOpen: true, ring: 1, ringLength: 1, askedAt: START };

function failing(name: string, over: Partial<FailingProbe> = {}, kind = "health"): FailingProbe {
  const one = { ...plan(kind), recheckMs: 15_000 };
  return { target: target(name, [one]), plan: one, verdict: DOWN, failingFrom: [], isRootFailing: false, ...over };
}

function facts(all: readonly FailingProbe[], over: Partial<RecheckFacts> = {}): RecheckFacts {
  return {
    slot: START,
    attempt: 1,
    gridMs: 60_000,
    vantages: ["local"],
    lanes: 1,
    failing: all,
    pending: [],
    usedMs: 0,
    timeoutOf: () => 5_000,
    scheduleOf: () => "every",
    callsOf: () => 1,
    callsOfRun: () => 1,
    isAffordable: () => true,
    ...over,
  };
}

const namesOf = (of: ReturnType<typeof planRechecks>): string[] =>
  of.runs.map(({ target: name, probe, vantage }) => `${name} ${probe} ${vantage}`);

describe("planRechecks()", () => {
  it("plans nothing while nothing fails", () => {
    expect(planRechecks(facts([]), START + 30 * SECOND)).toEqual({ attempt: 2, runs: [], left: [] });
  });

  it("says when a recheck is due, and makes it then", () => {
    const of = facts([failing("a")]);
    expect(planRechecks(of, START + SECOND)).toMatchObject({ at: START + 15 * SECOND, runs: [] });
    expect(namesOf(planRechecks(of, START + 15 * SECOND))).toEqual(["a health local"]);
  });

  it("takes a clock that was ahead for what it is", () => {
    const verdict = { ...DOWN, askedAt: START + 3_600 * SECOND };
    expect(planRechecks(facts([failing("a", { verdict })]), START + SECOND).runs).toHaveLength(1);
  });

  it("leaves the next slot alone: a deadline that ends too late waits for what comes after it", () => {
    const last = START + 60 * SECOND - RECHECK_MARGIN_MS - 5 * SECOND;
    expect(planRechecks(facts([failing("a")]), last).runs).toHaveLength(1);
    expect(planRechecks(facts([failing("a")]), last + 1)).toMatchObject({ runs: [], left: [{ why: "the slot ends" }] });
    expect(planRechecks(facts([failing("a")]), last + 1).at).toBeUndefined();
    expect(planRechecks(facts([failing("a")]), START + 60 * SECOND).runs).toEqual([]);
  });

  it("takes at most half of a lane's room, and goes on with those that were asked longest ago", () => {
    const all = Array.from({ length: 200 }, (_, i) => failing(`t${i}`, { verdict: { ...DOWN, askedAt: START + i } }));
    const first = planRechecks(facts(all), START + 16 * SECOND);
    const most = (slotRoomMs(60_000) * CONNECTIONS) / 2;
    expect(first.runs.length * 5_000).toBeLessThanOrEqual(most);
    expect(first.runs.length).toBeGreaterThan(20);
    expect(first.runs[0]?.target).toBe("t0");
    expect(planRechecks(facts(all, { usedMs: most }), START + 16 * SECOND)).toMatchObject({ runs: [] });
    // Lanes have room of their own.
    expect(planRechecks(facts(all, { lanes: 4 }), START + 16 * SECOND).runs.length).toBeGreaterThan(80);
  });

  it("starts with other targets in each slot where all were asked at once", () => {
    const all = Array.from({ length: 100 }, (_, i) => failing(`t${i}`));
    const seen = new Set<string>();
    for (let slot = 0; slot < 8; slot++) {
      const verdict = { ...DOWN, askedAt: START + slot * 60_000 };
      const of = facts(
        all.map((one) => ({ ...one, verdict })),
        { slot: START + slot * 60_000 },
      );
      for (const run of planRechecks(of, START + slot * 60_000 + 16 * SECOND).runs) seen.add(run.target);
    }
    expect(seen.size).toBe(100);
  });

  it("asks the root only while it fails, and what waited for it at once", () => {
    const rest = failing("a", { isRootFailing: true }, "cas.negotiate");
    const of = facts([failing("a"), rest]);
    expect(namesOf(planRechecks(of, START + 15 * SECOND))).toEqual(["a health local"]);
    const pending = [{ target: "a", probe: "transport.upload", vantage: "local", role: "sole" }] as const;
    expect(namesOf(planRechecks(facts([], { pending }), START + 20 * SECOND))).toEqual(["a transport.upload local"]);
  });

  it("makes no more calls in one invocation than the free plan allows, with what is due at once and the roots", () => {
    const all = Array.from({ length: 5 }, (_, i) => [failing(`t${i}`), failing(`t${i}`, {}, "cas.negotiate")]).flat();
    const pending = Array.from({ length: 6 }, (_, i) => {
      return { target: `t${i % 5}`, probe: `p${i}`, vantage: "local" as const, role: "sole" as const };
    });
    const { runs } = planRechecks(facts(all, { pending, callsOf: () => 3, callsOfRun: () => 5 }), START + 15 * SECOND);
    const calls = runs.reduce((sum, { probe }) => sum + (probe.startsWith("p") ? 5 : 3), 0);
    expect(runs.filter(({ probe }) => probe.startsWith("p"))).toHaveLength(6);
    // Each of the five targets may need its root besides.
    expect(calls + 5).toBeLessThanOrEqual(50);
  });

  it("asks only the cheapest critical one of each target where calls are short, and all after its first good run", () => {
    const calls: Record<string, number> = { health: 1, "transport.upload": 3, "transport.journey": 5 };
    const kinds = Object.keys(calls);
    const callsOf = ({ kind }: { kind: string }): number => calls[kind] ?? 0;
    const many = (verdict: Verdict): FailingProbe[] =>
      Array.from({ length: 5 }, (_, i) => kinds.map((kind) => failing(`t${i}`, { verdict }, kind))).flat();
    const short = planRechecks(facts(many(DOWN), { callsOf }), START + 15 * SECOND);
    expect(new Set(short.runs.map(({ probe }) => probe))).toEqual(new Set(["health"]));
    const well = many(DOWN).map((one) =>
      one.plan.kind === "health" ? { ...one, verdict: { ...DOWN, ring: 2 } } : one,
    );
    const all = planRechecks(facts(well, { callsOf }), START + 15 * SECOND);
    expect(new Set(all.runs.map(({ probe }) => probe))).toEqual(new Set(kinds));
    // One target alone is far from any limit.
    expect(planRechecks(facts(many(DOWN).slice(0, 3), { callsOf }), START + 15 * SECOND).runs).toHaveLength(3);
  });

  it("leaves out what its budget does not allow", () => {
    const of = facts([failing("a"), failing("b")], { isAffordable: (_one, chosen) => chosen.length === 0 });
    expect(planRechecks(of, START + 15 * SECOND)).toMatchObject({ runs: [{}], left: [{ why: "no budget" }] });
  });

  it("asks all vantages in an incident, those that see it failing where only they do, and one in turn", () => {
    const vantages: Vantage[] = ["weur", "enam", "apac"];
    const from = (probe: FailingProbe, schedule: Schedule, now = START + 15 * SECOND): string[] =>
      planRechecks(facts([probe], { vantages, scheduleOf: () => schedule }), now).runs.map(({ vantage }) => vantage);
    expect(from(failing("a"), "every")).toEqual(vantages);
    const regional: Verdict = { ...DOWN, state: "regional", incidentOpen: false, ring: 0 };
    expect(from(failing("a", { verdict: regional, failingFrom: ["enam"] }), "every")).toEqual(["enam"]);
    const turns = [15, 30, 45].flatMap((s) => from(failing("a"), "single_writer", START + s * SECOND));
    expect(turns.sort()).toEqual([...vantages].sort());
  });
});
