import { describe, expect, it } from "vitest";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import type { WatchEvent } from "../../../functions/model/watch-event.ts";
import { type DispatchPorts, dispatchTasks } from "../../../functions/monitor/tick/dispatch.ts";
import type { Lane } from "../../../functions/monitor/tick/lanes.ts";
import type { BatchResult } from "../../../functions/probe/batch.ts";
import type { Batch } from "../../../functions/probe/batch-request.ts";
import { depsOf, targetOf, taskOf } from "../../probe/tasks.ts";
import { sampleOf } from "../world.ts";

const NOW = Date.UTC(2030, 0, 1);
const DEADLINE = NOW + 20_000;
const SIZES = { lanes: 1, gridMs: 60_000 };
const IMPORTS = [{ name: "jobs_total", type: "counter" }] as unknown as DispatchPorts["here"]["imports"];

const tasksFrom = (...vantages: string[]): ProbeTask[] =>
  vantages.map((vantage) => taskOf("health", { vantage, target: targetOf({ name: `seen-from-${vantage}` }) }));

const answer = ({ tasks }: Batch): BatchResult => ({ samples: tasks.map((task) => sampleOf(task, NOW)), lost: [] });

/** Dispatches tasks to probers that do as `run` says; what came of it. */
async function dispatch(
  tasks: readonly ProbeTask[],
  run: (lane: Lane, batch: Batch) => Promise<BatchResult>,
  over: Partial<DispatchPorts> = {},
  sizes = SIZES,
) {
  const events: WatchEvent[] = [];
  const delivered: Sample[] = [];
  const ports: DispatchPorts = {
    here: { ...depsOf({ installation: "test" }), imports: IMPORTS },
    prober: (lane) => ({ run: (batch) => run(lane, batch) }),
    now: () => NOW,
    log: (event) => events.push(event),
    ...over,
  };
  await dispatchTasks(ports, tasks, DEADLINE, (samples) => delivered.push(...samples), sizes);
  return { events, from: delivered.map(({ vantage }) => vantage).sort(), delivered };
}

describe("a region that breaks costs its own runs only:", () => {
  const broken: [how: string, run: () => Promise<BatchResult>][] = [
    ["it rejects its batch", () => Promise.reject(new Error("The region is gone."))],
    [
      "it cannot even be called",
      () => {
        throw new Error("The region is gone.");
      },
    ],
  ];
  it.each(broken)("%s", async (_, breaks) => {
    const tasks = tasksFrom("weur", "enam", "apac", "local");
    const { events, from } = await dispatch(tasks, async (lane, batch) =>
      lane.vantage === "enam" ? breaks() : answer(batch),
    );
    expect(from).toEqual(["apac", "local", "weur"]);
    expect(events).toMatchObject([{ event: "error", place: "vantage enam" }]);
  });

  it("its places go to others, however many of its lanes break", async () => {
    const vantages = ["weur", "enam", "apac"];
    const tasks = vantages.flatMap((vantage) =>
      Array.from({ length: 40 }, (_, i) => taskOf("health", { vantage, target: targetOf({ name: `t${i}` }) })),
    );
    const good = async (lane: Lane, batch: Batch) => {
      if (lane.vantage === "enam") throw new Error("The region is gone.");
      return answer(batch);
    };
    const { from } = await dispatch(tasks, good, {}, { lanes: 12, gridMs: 60_000 });
    expect(from).toEqual([...new Array(40).fill("apac"), ...new Array(40).fill("weur")]);
  });
});

it("returns when every prober has answered, and not before", async () => {
  const waiting: (() => void)[] = [];
  let hasReturned = false;
  const all = dispatch(tasksFrom("weur", "enam"), async (_lane, batch) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return answer(batch);
  }).finally(() => {
    hasReturned = true;
  });
  for (let left = 2; left > 0; left--) {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    expect(waiting).toHaveLength(left);
    expect(hasReturned).toBe(false);
    waiting.pop()?.();
  }
  expect((await all).from).toEqual(["enam", "weur"]);
});

it("returns when the runs in this process have ended, and not before", async () => {
  const { delivered } = await dispatch(tasksFrom("local"), async () => expect.unreachable());
  expect(delivered).toMatchObject([{ vantage: "local", outcome: "ok" }]);
});

it("asks six lanes at once, and each for the time that is left when its turn comes", async () => {
  const tasks = Array.from({ length: 60 }, (_, i) =>
    taskOf("health", { vantage: "weur", target: targetOf({ name: `t${i}` }) }),
  );
  let [running, most, now] = [0, 0, NOW];
  const batches: Batch[] = [];
  const run = async (_lane: Lane, batch: Batch): Promise<BatchResult> => {
    batches.push(batch);
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    now += 4_000;
    return answer(batch);
  };
  const { from } = await dispatch(tasks, run, { now: () => now }, { lanes: 12, gridMs: 60_000 });
  expect(from).toHaveLength(60);
  expect(most).toBe(6);
  expect(batches.every(({ installation, imports }) => installation === "test" && imports === IMPORTS)).toBe(true);
  expect(batches[0]?.timeoutMs).toBe(20_000);
  // The last begin after the deadline: they get the least that there is.
  expect(batches.at(-1)?.timeoutMs).toBe(1);
});
