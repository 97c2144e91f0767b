import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, test } from "vitest";
import type { Config } from "../../../functions/model/config.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import { EarlyRuns } from "../../../functions/monitor/schedule/early-runs.ts";
import { config, KINDS, plan, START, sampleOf, target, World } from "../world.ts";

const MINUTE = 60_000;
const rare = (kind: string) => plan(kind, { intervalMs: 30 * MINUTE });

/** What each tick asked for, in words, for so many minutes. */
async function asked(
  name: string,
  of: Config,
  minutes: number,
  { hears = true, evicted = false } = {},
): Promise<string[][]> {
  return runInDurableObject(env.MONITOR.getByName(name), async (_instance, state) => {
    const world = new World(state.storage, of);
    const all: string[][] = [];
    world.probe = async (tasks, _deadline, deliver) => {
      all.push(tasks.map((o) => `${o.target.name} ${o.plan.kind} ${o.vantage} ${o.role}`));
      expect(tasks.every((task) => of.targets.includes(task.target))).toBe(true);
      if (hears) deliver(tasks.map((task) => sampleOf(task, world.now)));
      else world.deadline.abort();
    };
    for (let i = 0; i < minutes; i++) {
      world.now = START + (i + 1) * MINUTE;
      await world.core.wake(world.now, "cron");
      if (evicted) world.restart(of);
    }
    return all;
  });
}

describe("a probe that has never run", () => {
  it("is run in the tick after the first, and then in its turn", async () => {
    const ticks = await asked("early", config([target("a", [plan("health"), rare("cas.details")])]), 60);
    const details = ticks.flatMap((tasks, at) => tasks.filter((one) => one.includes("cas.details")).map(() => at));
    expect(details[0]).toBeLessThanOrEqual(1);
    expect(details.length).toBeGreaterThanOrEqual(2);
    expect(details.length).toBeLessThanOrEqual(3);
  });

  it("is run early once only where nothing comes of it", async () => {
    const ticks = await asked("silent", config([target("a", [rare("cas.details")])]), 28, { hears: false });
    expect(ticks.flat().length).toBeLessThanOrEqual(2);
  });

  it("is run early, and once only, by a Monitor that is evicted after each tick too", async () => {
    const freshVotes = await asked("evicted", config([target("a", [plan("health"), rare("cas.details")])]), 60, {
      evicted: true,
    });
    const details = freshVotes.flatMap((tasks, at) => tasks.filter((one) => one.includes("cas.details")).map(() => at));
    expect(details[0]).toBeLessThanOrEqual(1);
    expect(details.length).toBeLessThanOrEqual(3);
    const options = { hears: false, evicted: true };
    const neverRun = await asked("evicted unheard", config([target("a", [rare("cas.details")])]), 28, options);
    expect(neverRun.flat().length).toBeLessThanOrEqual(2);
  });

  it.each([
    ["whose Monitor stays", false],
    ["whose Monitor is evicted after each tick", true],
  ])("is run at once where a local run begins, and then in its turn, by one %s", async (name, evicted) => {
    const of = config([target("a", [plan("health"), rare("cas.details")])], { local: true });
    const ticks = await asked(`local ${name}`, of, 60, { evicted });
    const details = ticks.flatMap((tasks, at) => tasks.filter((one) => one.includes("cas.details")).map(() => at));
    expect(details[0]).toBe(0);
    expect(details.length).toBeLessThanOrEqual(3);
  });

  it("is asked for from where its schedule says, and led where it writes", async () => {
    const of = config([target("a", [plan("health"), rare("cas.negotiate"), rare("transport.journey")])], {
      vantages: ["weur", "enam", "apac"],
    });
    const ticks = await asked("schedules", of, 3);
    const early = ticks.flat().filter((one) => !one.includes("health"));
    expect(early.filter((one) => one.includes("transport.journey")).length).toBeGreaterThanOrEqual(1);
    expect(new Set(early.filter((one) => one.includes("transport.journey")).map((one) => one.split(" ")[3]))).toEqual(
      new Set(["first"]),
    );
  });
});

test("targets that are dead do not take the early runs of one that is well", () =>
  runInDurableObject(env.MONITOR.getByName("dead and well"), async (_instance, { storage }) => {
    // All that a tick has for early runs is what one of the dead ones asks for.
    const probes = [plan("health"), rare("cas.details"), rare("transport.upload"), rare("transport.journey")];
    const world = new World(storage, config(["dead-1", "dead-2", "well"].map((name) => target(name, probes))));
    const connect = failure("connect", true);
    const early: string[] = [];
    world.probe = async (tasks, _deadline, deliver) => {
      early.push(
        ...tasks.flatMap(({ target: { name }, plan: { kind } }) => (kind === "health" ? [] : `${name} ${kind}`)),
      );
      deliver(
        tasks.map((task) => {
          if (task.target.name === "well") return sampleOf(task, world.now);
          return sampleOf(task, world.now, task.plan.kind === "health" ? "failed" : "blocked", connect);
        }),
      );
    };
    for (let minute = 1; minute <= 5; minute++) {
      world.now = START + minute * MINUTE;
      await world.core.wake(world.now, "cron");
      await world.core.confirm();
    }
    expect(early).toContain("well transport.journey");
    expect(early).toContain("well transport.upload");
  }));

test("what is run early is bounded in each tick, and in the end everything was", () => {
  const targets = Array.from({ length: 40 }, (_, i) => target(`t${i}`, [rare("cas.details"), rare("health")]));
  const early = new EarlyRuns();
  const neverRun = targets.flatMap(({ name, probes }) => probes.map(({ kind }) => ({ target: name, probe: kind })));
  const fleet = { targets, vantages: ["local" as const] };
  const callsOf = (kind: string): number => KINDS.get(kind)?.calls({} as never) ?? 1;
  const seen = new Set<string>();
  let ticks = 0;
  for (; seen.size < neverRun.length && ticks < 200; ticks++) {
    early.note(neverRun.filter(({ target: name, probe }) => !seen.has(`${name} ${probe}`)));
    const taken = early.take(fleet, KINDS, []).flatMap(({ name, probes }) => probes.map(({ kind }) => [name, kind]));
    expect(taken.reduce((sum, [, kind]) => sum + callsOf(kind as string), 0)).toBeLessThanOrEqual(10);
    for (const [name, kind] of taken) seen.add(`${name} ${kind}`);
  }
  expect(seen.size).toBe(neverRun.length);
  expect(ticks).toBeLessThan(40);
});
