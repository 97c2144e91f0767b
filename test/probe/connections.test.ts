import { afterEach, describe, expect, inject, it } from "vitest";
import { Semaphore } from "../../functions/lib/semaphore.ts";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import { runBatch } from "../../functions/probe/batch.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { reset, setFault } from "../zako-control.ts";
import { FrozenClock } from "./frozen-clock.ts";
import { SixConnections } from "./six-connections.ts";
import { depsOf, livedIn, planOf, targetOf, taskOf } from "./tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

/** Every kind of probe of so many targets. */
async function everything(targets: number, timeoutMs = 5_000): Promise<ProbeTask[]> {
  const memory = await livedIn();
  return Array.from({ length: targets }, (_, i) => targetOf({ name: `t${i}` })).flatMap((target) =>
    PROBE_KINDS.filter(({ kind }) => kind !== "push").map(({ kind }) =>
      taskOf(kind, { target, memory, plan: planOf(kind, {}, { timeoutMs }) }),
    ),
  );
}

const deps = (law: SixConnections, connections = new Semaphore(6)) => ({
  ...depsOf({ fetch: law.fetch }),
  timeoutMs: 60_000,
  connections,
});

describe("an object never has more than six connections at once", () => {
  // Bodies that are cut off, never come, come slowly, or are not read at all.
  it.each([
    ["all is well", undefined, {}],
    ["connections are lost, and calls sent again", "reset", {}],
    ["bodies stay away", "hang-mid-stream", {}],
    ["bodies are too long", "endless-stream", {}],
    ["answers are redirects, with bodies that nobody reads", "redirect", {}],
    ["answers are pages", "html-error", { status: 500 }],
  ] as const)("%s", async (_, fault, params) => {
    if (fault !== undefined) await setFault(control, fault, params, { probability: 0.6 });
    const law = new SixConnections();
    const tasks = await everything(5, 300);
    const { samples, lost } = await runBatch(tasks, deps(law));
    expect(samples.length + lost.length).toBe(tasks.length);
    expect({ refused: law.refused, open: law.open, peak: law.peak }).toEqual({ refused: 0, open: 0, peak: 6 });
  });

  it("whatever batches it runs at the same time", async () => {
    await setFault(control, "latency", { ms: 20 });
    const law = new SixConnections();
    const connections = new Semaphore(6);
    const tasks = await everything(2);
    const batches = [tasks, tasks, tasks].map((one) => runBatch(one, deps(law, connections)));
    for (const { lost } of await Promise.all(batches)) expect(lost).toEqual([]);
    expect({ refused: law.refused, open: law.open, peak: law.peak }).toEqual({ refused: 0, open: 0, peak: 6 });
  });
});

describe("waiting for a connection", () => {
  const HELD_MS = 400;

  /** Runs of one call each, to servers that all take so long. */
  async function play(runs: number, timeoutMs: number): Promise<readonly Sample[]> {
    const clock = new FrozenClock();
    const law = new SixConnections(async () => {
      await clock.io(HELD_MS);
      return new Response(null, { status: 503 });
    });
    const plan = planOf("health", {}, { timeoutMs });
    const tasks = Array.from({ length: runs }, (_, i) =>
      taskOf("health", { plan, target: targetOf({ name: `t${i}` }) }),
    );
    const own = { now: clock.now, turn: () => clock.io(0) };
    const { samples } = await clock.play(runBatch(tasks, { ...deps(law), ...own }));
    expect(law.refused).toBe(0);
    return samples;
  }

  it("is in no duration, but in a number of its own", async () => {
    const samples = await play(18, 5_000);
    expect(samples.map(({ durationMs }) => durationMs)).toEqual(new Array(18).fill(HELD_MS));
    expect(samples.map(({ queuedMs }) => queuedMs)).toEqual(
      [0, HELD_MS, 2 * HELD_MS].flatMap((ms) => new Array(6).fill(ms)),
    );
  });

  it("uses up nobody's deadline: that begins with the request", async () => {
    // The last of seven turns of 400 ms begins after any run's own 2 s.
    await setFault(control, "latency", { ms: 400 });
    const plan = planOf("health", {}, { timeoutMs: 2_000 });
    const tasks = Array.from({ length: 42 }, (_, i) => taskOf("health", { plan, target: targetOf({ name: `t${i}` }) }));
    const law = new SixConnections();
    const { samples } = await runBatch(tasks, deps(law));
    expect(samples.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(Math.max(...samples.map(({ queuedMs = 0 }) => queuedMs))).toBeGreaterThan(2_000);
  });
});
