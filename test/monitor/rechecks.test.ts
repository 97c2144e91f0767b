import fc from "fast-check";
import { expect, test } from "vitest";
import { failure } from "../../functions/model/probing/failure.ts";
import type { ProbePlan } from "../../functions/model/probing/target.ts";
import { RecheckWorld, START } from "./recheck-world.ts";
import { config, KINDS, plan, target } from "./world.ts";

const MINUTE = 60_000;
const SECOND = 1_000;
const CORRUPT = failure("corrupt", true);
const CONNECT = failure("connect", false);

/** A plan with the options, interval, timeout and rechecks of its kind's defaults. */
function usual(kind: string, over: Partial<ProbePlan> = {}): ProbePlan {
  const { defaults, options, recheck } = KINDS.get(kind) as NonNullable<ReturnType<typeof KINDS.get>>;
  const { intervalMs, timeoutMs, critical } = defaults;
  const mayRecheck = recheck === "safe" || recheck === "budget";
  return plan(kind, {
    intervalMs,
    timeoutMs,
    critical,
    options: options.parse({}) as ProbePlan["options"],
    ...(mayRecheck ? { recheckMs: Math.min(15_000, intervalMs) } : {}),
    ...over,
  });
}

const today = [usual("health"), usual("cas.negotiate"), usual("transport.upload"), usual("transport.journey")];
const BUDGET = { writeBytesPerDay: 16 * 2 ** 20, tokensPerDay: 1_000 };
const whole = config([{ ...target("a", today), budgets: BUDGET }]);

test.each(["transport.upload", "transport.journey"])(
  "an incident of %s that is mended is over within 70 s, and its record within an interval and a recheck",
  (kind) =>
    RecheckWorld.run(`mended-${kind}`, whole, async (sim) => {
      const interval = today.find((one) => one.kind === kind)?.intervalMs ?? 0;
      await sim.until(START + 2 * interval);
      const first = sim.runsOf(kind).at(-1)?.at ?? 0;
      // It breaks right after a good run, and is mended five minutes after its first failing one.
      const brokenAt = first + SECOND;
      sim.fate = ({ plan: { kind: one } }) => (one === kind ? CORRUPT : undefined);
      const mendedAt = first + interval + 5 * MINUTE + 7 * SECOND;
      await sim.until(mendedAt);
      sim.fate = () => undefined;
      await sim.until(mendedAt + 3 * MINUTE);
      const [outage] = sim.outagesOf("ZakoTargetDown");
      expect(sim.outagesOf("ZakoTargetDown")).toHaveLength(1);
      expect((outage?.over?.notifiedAt ?? Number.NaN) - mendedAt).toBeLessThanOrEqual(70 * SECOND);
      expect((outage?.begunAt ?? 0) - brokenAt).toBeLessThanOrEqual(interval);
      expect((outage?.over?.at ?? 0) - mendedAt).toBeLessThanOrEqual(15 * SECOND + 15 * SECOND);
      expect(outage?.over?.at).toBeGreaterThanOrEqual(mendedAt);
      expect(outage?.over?.notifiedAt).toBeGreaterThan(outage?.over?.at ?? 0);
    }),
  60_000,
);

test("a short outage of health with a recheck of 10 s is over within 50 s", () =>
  RecheckWorld.run(
    "short",
    config([target("a", [usual("health", { recheckMs: 10_000, timeoutMs: 5_000 })])]),
    async (sim) => {
      await sim.until(START + 5 * MINUTE - 5 * SECOND);
      sim.fate = () => CONNECT;
      const mendedAt = sim.world.now + 27 * SECOND;
      await sim.until(mendedAt);
      sim.fate = () => undefined;
      await sim.until(mendedAt + 2 * MINUTE);
      const [outage] = sim.outagesOf("ZakoTargetDown");
      expect((outage?.over?.notifiedAt ?? Number.NaN) - mendedAt).toBeLessThanOrEqual(50 * SECOND);
    },
  ));

test("each recheck of a write has content of its own, is charged, and never takes the day's own runs", () => {
  const upload = usual("transport.upload");
  const ownRuns = (86_400_000 / upload.intervalMs) * 4_096;
  const budgets = { writeBytesPerDay: ownRuns + 100 * 4_096, tokensPerDay: 100 };
  return RecheckWorld.run("budget", config([{ ...target("a", [usual("health"), upload]), budgets }]), async (sim) => {
    await sim.until(START + 11 * MINUTE);
    sim.fate = ({ plan: { kind } }) => (kind === upload.kind ? CORRUPT : undefined);
    await sim.until(START + 3 * 60 * MINUTE);
    const spent = (): number => sim.world.core.head().memories.get("a").spent.writtenBytes;
    const rechecks = sim.runsOf(upload.kind).filter(({ task }) => task.attempt > 1);
    expect(new Set(rechecks.map(({ task }) => `${task.slot} ${task.attempt}`)).size).toBe(rechecks.length);
    // Above a tenth of the budget it is rechecked, then only in its own turn.
    const tenth = budgets.writeBytesPerDay / 10;
    expect(rechecks.length).toBeGreaterThan(50);
    expect(rechecks.length).toBeLessThanOrEqual((100 * 4_096 - tenth) / 4_096 + 1);
    const late = sim.runsOf(upload.kind, START + 2 * 60 * MINUTE);
    expect(late.filter(({ task }) => task.attempt > 1)).toEqual([]);
    expect(late.length).toBeGreaterThanOrEqual(6);
    // What is kept for those after a good run ends the outage soon all the same.
    sim.fate = () => undefined;
    const next = sim.world.now;
    await sim.until(next + 12 * MINUTE);
    const [outage] = sim.outagesOf("ZakoTargetDown");
    const over = outage?.over ?? { at: 0, notifiedAt: Number.POSITIVE_INFINITY };
    expect(over.notifiedAt - over.at).toBeLessThanOrEqual(50 * SECOND);
    expect(spent()).toBeLessThanOrEqual(budgets.writeBytesPerDay);
    await sim.until(START + 24 * 60 * MINUTE - MINUTE);
    expect(sim.world.count("zako_watch_probe_gaps_total", "a", 'probe="transport.upload",reason="over_budget"')).toBe(
      0,
    );
  });
}, 120_000);

test("what a kind may not repeat is asked in its own turn only", () =>
  RecheckWorld.run(
    "turns",
    config([target("a", [usual("health"), usual("cas.details"), usual("transport.negative"), usual("worker.gc")])]),
    async (sim) => {
      sim.fate = ({ plan: { kind } }) => (kind === "health" ? undefined : CORRUPT);
      await sim.until(START + 60 * MINUTE);
      for (const kind of ["cas.details", "transport.negative", "worker.gc"])
        expect(
          sim.runsOf(kind).filter(({ task }) => task.attempt > 1),
          kind,
        ).toEqual([]);
      expect(sim.runsOf("cas.details").length).toBeGreaterThan(10);
    },
  ));

test("what was blocked is due at once with the root's first good run, a recheck", () =>
  RecheckWorld.run("blocked", whole, async (sim) => {
    await sim.until(START + 11 * MINUTE);
    sim.fate = () => CONNECT;
    await sim.until(START + 45 * MINUTE + 20 * SECOND);
    sim.fate = () => undefined;
    await sim.until(START + 46 * MINUTE);
    const mended = START + 45 * MINUTE + 20 * SECOND;
    for (const { kind } of today) expect(sim.runsOf(kind, mended).length, kind).toBeGreaterThan(0);
  }));

test("200 targets that are down take at most half of the room, and the slots begin in time", () => {
  const names = Array.from({ length: 200 }, (_, i) => `t${i}`);
  const targets = names.map((name) => target(name, [usual("health", { timeoutMs: 1_500 })]));
  return RecheckWorld.run("many", config(targets), async (sim) => {
    await sim.until(START + 2 * MINUTE);
    sim.fate = () => CONNECT;
    sim.takesMs = ({ plan: { timeoutMs } }) => timeoutMs;
    const from = START + 2 * MINUTE;
    await sim.until(from + 8 * MINUTE);
    for (const { slot, at } of sim.slots) expect(at - slot, String(slot)).toBeLessThanOrEqual(100);
    const rechecks = sim.runsOf("health", from).filter(({ task }) => task.attempt > 1);
    const perSlot = Map.groupBy(rechecks, ({ task }) => task.slot);
    // Half of 55 s of six connections.
    for (const runs of perSlot.values()) expect(runs.length * 1_500).toBeLessThanOrEqual(3 * 55 * SECOND);
    expect(rechecks.length).toBeGreaterThan(500);
    const perTarget = Map.groupBy(rechecks, ({ task }) => task.target.name);
    expect(perTarget.size).toBe(200);
  });
}, 60_000);

test("an idle fleet sets no further alarm", () =>
  RecheckWorld.run("idle", config([target("a", [usual("health")])]), async (sim) => {
    await sim.until(START + 10 * MINUTE);
    sim.world.rows = 0;
    await sim.until(START + 11 * MINUTE);
    const perMinute = sim.world.rows;
    await sim.until(START + 20 * MINUTE);
    expect(sim.asked.every(({ task }) => task.attempt === 0)).toBe(true);
    expect(sim.asked).toHaveLength(20);
    expect(sim.world.events.filter(({ event }) => event === "tick")).toHaveLength(20);
    expect(perMinute).toBeGreaterThan(0);
  }));

const script = fc.array(
  fc.record({ goodMs: fc.integer({ min: 200, max: 700 }), badMs: fc.integer({ min: 40, max: 400 }) }),
  { minLength: 1, maxLength: 3 },
);
const SLOW = [usual("health"), usual("transport.upload", { intervalMs: 3 * MINUTE })];

test.each([false, true])(
  "whatever fails when: no slot is missed for rechecks, and each outage is recorded as long as it was (dies between: %s)",
  async (dies) => {
    let worlds = 0;
    await fc.assert(
      fc.asyncProperty(script, fc.constantFrom("health", "transport.upload"), async (outages, kind) => {
        const of = config([{ ...target("a", SLOW), budgets: BUDGET }]);
        await RecheckWorld.run(`random-${dies}-${worlds++}`, of, async (sim) => {
          if (dies) sim.beforeAlarm = () => void sim.world.restart(of);
          const intervalMs = SLOW.find((one) => one.kind === kind)?.intervalMs ?? 0;
          const cause = kind === "health" ? CONNECT : CORRUPT;
          const real: { from: number; to: number }[] = [];
          let now = START;
          for (const { goodMs, badMs } of outages) {
            now += goodMs * SECOND;
            await sim.until(now);
            sim.fate = ({ plan: { kind: one } }) => (one === kind ? cause : undefined);
            const from = now;
            now += badMs * SECOND;
            await sim.until(now);
            sim.fate = () => undefined;
            real.push({ from, to: now });
          }
          await sim.until(now + 5 * MINUTE);
          const ran = sim.slots.map(({ slot }) => slot);
          expect(ran).toEqual(ran.map((_, i) => START + i * MINUTE));
          for (const { slot, at } of sim.slots) expect(at - slot).toBeLessThanOrEqual(100);
          for (const { begunAt, over } of sim.outagesOf("ZakoTargetDown")) {
            const one = real.find(({ from, to }) => begunAt >= from - 1 && begunAt <= to);
            expect(one).toBeDefined();
            expect(begunAt - (one?.from ?? 0)).toBeLessThanOrEqual(intervalMs + SECOND);
            // A recheck that would not end before the slot does is made up for right after the next one.
            expect((over?.at ?? Number.POSITIVE_INFINITY) - (one?.to ?? 0)).toBeLessThanOrEqual(31 * SECOND);
            expect((over?.notifiedAt ?? Number.POSITIVE_INFINITY) - (one?.to ?? 0)).toBeLessThanOrEqual(70 * SECOND);
          }
          // An outage of more than an interval and a recheck cannot be missed.
          for (const { from, to } of real)
            if (to - from > intervalMs + 35 * SECOND)
              expect(sim.outagesOf("ZakoTargetDown").some(({ begunAt }) => begunAt >= from && begunAt <= to)).toBe(
                true,
              );
        });
      }),
      { numRuns: 12 },
    );
  },
  300_000,
);
