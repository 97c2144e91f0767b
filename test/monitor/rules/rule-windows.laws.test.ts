import fc from "fast-check";
import { expect, test } from "vitest";
import { quantileOf } from "../../../functions/evaluate/rules/quantile.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { inObject, MINUTE, RuleWorld, rule } from "./rule-world.ts";

/** Windows in minutes; a rule for each follows the same counts. */
const WINDOWS = [1, 3, 10] as const;

// Every rule holds whatever it counts, so that its value shows in the alert.
const rate = (family: string, window: number): Rule =>
  rule(
    { kind: "rate", counter: { family }, windowMs: window * MINUTE, op: ">=", value: 0 },
    { name: `Rate${family.slice(0, 4)}${window}`, by: ["target", "kind"] },
  );
const growth = (window: number): Rule =>
  rule(
    { kind: "growth", gauge: { family: "depth" }, windowMs: window * MINUTE, op: ">=", value: -1e9, floor: -1e9 },
    { name: `Growth${window}` },
  );
const RULES = WINDOWS.flatMap((w) => [rate("jobs_total", w), rate("busy_seconds_total", w), growth(w)]);

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("count" as const),
        kind: fc.constantFrom("x", "y"),
        jobs: fc.nat({ max: 5 }),
        seconds: fc.nat({ max: 9_999 }).map((ms) => ms / 1_000),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("depth" as const), value: fc.integer({ min: -5, max: 5 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reset" as const), kind: fc.constantFrom("x", "y") }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("commit" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("die" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("confirm" as const) }) },
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant("pass" as const), minutes: fc.constantFrom(1, 1, 1, 2, 4, 12) }),
    },
  ),
  // Whatever leaves a window must have come into it some minutes before, so short histories show little.
  { maxLength: 40, size: "max" },
);

/** The same by the plainest means: all that ever happened, summed up anew each time. */
class Diary {
  readonly counts: { minute: number; kind: string; jobs: number; seconds: number }[] = [];
  readonly depths: { minute: number; value: number }[] = [];

  /** Counts that came after the first `known` are as if they had never been; that there is such a kind is known. */
  forgetSince(known: number): void {
    for (const count of this.counts.slice(known)) Object.assign(count, { jobs: 0, seconds: 0 });
  }

  sum(kind: string, of: "jobs" | "seconds", window: number, now: number): number {
    return this.counts
      .filter((c) => c.kind === kind && c.minute > now - window && c.minute <= now)
      .reduce((sum, c) => sum + c[of], 0);
  }

  depthAt(minute: number): number {
    return this.depths.findLast((d) => d.minute <= minute)?.value ?? Number.NaN;
  }
}

test("what a window holds is what happened in it, through missed minutes, restarts and confirmations", () =>
  inObject((storage) => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = new RuleWorld(storage, { rules: RULES });
        const diary = new Diary();
        let evaluated = 0;
        const evaluate = (): void => {
          const { minute } = world;
          evaluated = diary.counts.length;
          world.tick();
          world.minute = minute;
          for (const { labels, annotations } of world.outcome.firing) {
            const of = RULES.find(({ name }) => name === labels["alertname"]) as Rule;
            const window = (of.condition as { windowMs: number }).windowMs / MINUTE;
            const seen = Number(annotations["description"]);
            if (of.condition.kind === "growth")
              expect(seen, of.name).toBe(diary.depthAt(minute) - diary.depthAt(minute - window));
            else {
              const what = of.name.startsWith("Ratejobs") ? "jobs" : "seconds";
              expect(seen, `${of.name} at ${minute}`).toBeCloseTo(
                diary.sum(labels["kind"] ?? "", what, window, minute),
                6,
              );
            }
          }
          // A group that is known is evaluated: that none is missing counts as much as that none is wrong.
          const kinds = new Set(diary.counts.map(({ kind }) => kind));
          const rates = world.outcome.firing.filter(({ labels }) => labels["alertname"]?.startsWith("Rate"));
          expect(rates).toHaveLength(kinds.size * 2 * WINDOWS.length);
          const grown = WINDOWS.filter((w) => !Number.isNaN(diary.depthAt(minute - w)));
          const growths = world.outcome.firing.filter(({ labels }) => labels["alertname"]?.startsWith("Growth"));
          expect(growths).toHaveLength(grown.length);
        };
        world.tick();
        for (const step of all) {
          const { minute } = world;
          if (step.do === "count") {
            const { kind, jobs, seconds } = step;
            world.see("jobs_total", jobs, { kind });
            world.see("busy_seconds_total", seconds, { kind });
            diary.counts.push({ minute, kind, jobs, seconds });
          } else if (step.do === "depth") {
            world.see("depth", step.value);
            diary.depths.push({ minute, value: step.value });
            evaluate();
          } else if (step.do === "reset") {
            // Whoever told of it is forgotten: its count begins at 0 again, and nothing has happened.
            evaluate();
            for (const family of ["jobs_total", "busy_seconds_total"])
              world.head.table.clear("a", family, `source="probe",kind="${step.kind}"`);
            evaluate();
          } else if (step.do === "commit") world.head.commit();
          else if (step.do === "confirm") evaluate();
          else if (step.do === "restart") {
            evaluate();
            world.restart();
          } else if (step.do === "die") {
            // A push is committed by itself; what it counts is not looked back on where the object dies before the next tick.
            world.head.commit();
            diary.forgetSince(evaluated);
            world.restart();
          } else {
            evaluate();
            world.minute += step.minutes;
          }
        }
        evaluate();
      }),
      { numRuns: 150 },
    );
  }));

test("a gauge that was pushed right before a restart has grown for as long as the window, and not for ever", () =>
  inObject((storage) => {
    const world = new RuleWorld(storage, {
      rules: [rule({ kind: "growth", gauge: { family: "depth" }, windowMs: 5 * MINUTE, op: ">", value: 0, floor: 0 })],
    });
    world.see("depth", 1);
    for (let i = 0; i < 8; i++) world.tick();
    world.see("depth", 4);
    world.head.commit();
    world.restart();
    const grown: number[] = [];
    for (let i = 0; i < 20; i++) grown.push(world.tick().firing.length);
    expect(grown).toEqual([...new Array<number>(5).fill(1), ...new Array<number>(15).fill(0)]);
  }));

test("counts of any size and with fractions are counted whole, and never break the tick", () =>
  inObject((storage) => {
    const odd = fc.oneof(
      fc.constantFrom(0.5, 1e-9, 2 ** 53, 2 ** 60, 1e18, 1e300, Number.MAX_VALUE),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(odd, { minLength: 1, maxLength: 6 }), (values) => {
        const world = new RuleWorld(storage, { rules: RULES });
        world.tick();
        let total = 0;
        let before = 0;
        for (const value of values) {
          world.see("jobs_total", value);
          world.see("busy_seconds_total", value);
          world.tick();
          total += value;
          const counted = Math.min(Math.floor(total), Number.MAX_SAFE_INTEGER);
          expect(Number(world.valueOf("Ratejobs1"))).toBe(counted - before);
          before = counted;
        }
        world.restart();
        world.minute += 20;
        world.tick();
        expect(Number(world.valueOf("Ratejobs10"))).toBe(0);
        expect(Number(world.valueOf("Ratebusy10"))).toBe(0);
      }),
      { numRuns: 60 },
    );
  }));

test("where it is not known any more when the windows end, they begin anew and not with what never leaves them", () =>
  inObject((storage) => {
    const world = new RuleWorld(storage, { rules: RULES });
    world.tick();
    world.see("jobs_total", 7);
    world.tick();
    const { windows: _, ...meta } = world.head.meta;
    world.head.meta = meta;
    world.head.commit();
    world.restart();
    // What left with the old minutes must not be taken from these five.
    world.see("jobs_total", 5);
    const seen = Array.from({ length: 12 }, () => {
      world.tick();
      return WINDOWS.map((w) => Number(world.valueOf(`Ratejobs${w}`)));
    });
    expect(seen).toEqual(seen.map((_, i) => WINDOWS.map((w) => (i < w ? 5 : 0))));
  }));

test("a window that a rule is given later is filled from the minutes that were kept", () =>
  inObject((storage) => {
    const history = fc.array(fc.record({ jobs: fc.nat({ max: 4 }), depth: fc.integer({ min: 0, max: 9 }) }), {
      minLength: 1,
      maxLength: 25,
    });
    fc.assert(
      fc.property(history, fc.constantFrom(1, 3, 10), fc.constantFrom(2, 5, 20), (minutes, before, after) => {
        const world = new RuleWorld(storage, { rules: [rate("jobs_total", before), growth(before)] });
        world.tick();
        for (const { jobs, depth } of minutes) {
          world.see("jobs_total", jobs);
          world.see("depth", depth);
          world.tick();
        }
        world.restart({ rules: [rate("jobs_total", after), growth(after)] });
        world.tick();
        const all = [0, ...minutes.map(({ jobs }) => jobs), 0];
        const depths = [Number.NaN, ...minutes.map(({ depth }) => depth), minutes.at(-1)?.depth ?? Number.NaN];
        expect(Number(world.valueOf(`Ratejobs${after}`))).toBe(all.slice(-after).reduce((sum, n) => sum + n, 0));
        const was = depths.at(-1 - after) ?? Number.NaN;
        const grown = Number.isNaN(was) ? undefined : `${(depths.at(-1) as number) - was}`;
        expect(world.valueOf(`Growth${after}`)).toBe(grown);
      }),
      { numRuns: 100 },
    );
  }));

test("quantiles are those of the observations in the window, each group's its own, also across restarts", () =>
  inObject((storage) => {
    const WINDOW = 4;
    const condition = { kind: "quantile", histogram: { family: "took_seconds" }, quantile: 0.5 } as const;
    const median = rule(
      { ...condition, windowMs: WINDOW * MINUTE, op: ">=", value: 0, minCount: 1 },
      { by: ["target", "kind"] },
    );
    const minute = fc.record({
      seen: fc.array(fc.tuple(fc.constantFrom("x", "y"), fc.constantFrom(0.05, 0.5, 5, 50)), { maxLength: 4 }),
      restarts: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(minute, { minLength: 8, maxLength: 25 }), (minutes) => {
        const world = new RuleWorld(storage, { rules: [median, rate("jobs_total", 3)] });
        world.tick();
        for (const [i, { seen, restarts }] of minutes.entries()) {
          if (restarts) world.restart();
          for (const [kind, seconds] of seen) {
            world.see("took_seconds", seconds, { kind });
            world.see("jobs_total", 1, { kind });
          }
          world.tick();
          const inWindow = minutes.slice(Math.max(0, i - WINDOW + 1), i + 1).flatMap((m) => m.seen);
          for (const of of ["x", "y"]) {
            const own = inWindow.filter(([kind]) => kind === of).map(([, seconds]) => seconds);
            if (own.length === 0) continue;
            const counts = [0.05, 0.5, 5, 50].map((one) => own.filter((seconds) => seconds === one).length);
            const alert = world.outcome.firing.find((f) => f.labels["alertname"] === "Own" && f.labels["kind"] === of);
            expect(alert?.annotations["description"]).toBe(`${quantileOf(0.5, [0.1, 1, 10], counts)}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  }));
